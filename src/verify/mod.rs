//! The pre-flight check of a server: what machines would ask for is asked for as they would, and the answers are held
//! against the tree that should be there.
//!
//! ```text
//!  manifest ─┐
//!  tree      ├─→ Expected ─survey→ Probe ─fetch→ Answer ─judge→ Fault ─→ Report → human │ json │ junit
//!  fleet    ─┘      │                    network                              │
//!                   └──────────── what scripts and answers say ←──────────────┘
//! ```
//!
//! What is asked, and how an answer is judged, are pure functions; [`fetch`] alone touches the network.

pub mod answer;
pub mod client;
mod course;
mod differ;
mod expected;
mod fault;
pub mod fetch;
mod human;
mod json;
pub mod judge;
mod junit;
mod kind;
mod meaning;
pub mod probe;
mod read;
mod report;
mod run;
mod survey;

pub use course::{Order, Served, Trouble, base_at, files_of, is_loopback, served, verify};
pub use expected::{Expected, Source, Texts};
pub use fault::{Fault, FaultKind};
pub use human::human;
pub use json::{JsonVerify, json, schema};
pub use junit::junit;
pub use kind::Kind;
pub use report::{Finding, Report, Tally};
pub use run::{Limits, Progress};
pub use survey::Choice;
