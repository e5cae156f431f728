//! The tree on a port, for a trial: answers as nginx gives them, and who fetched what.
//!
//! ```text
//!  bytes ─request→ Request ─site→ Found ─answer→ Answer ─net→ bytes
//!                     └──────guide──→ Asked ──board──→ a line a machine
//! ```
//!
//! What is answered (`request`, `path`, `kind`, `range`, `answer`) and what is shown (`guide`, `board`) are pure
//! functions. `site` reads files, `net` speaks to the network and has the clock: the seams. The answers are those of
//! nginx 1.22 with `root` set and nothing else; a test asks both.

mod answer;
mod board;
mod guide;
mod kind;
mod net;
mod path;
mod range;
mod request;
mod site;

pub use answer::{Answer, Found, Identity, Piece, answer, refuse};
pub use board::{Board, Line, Seen};
pub use guide::{Asked, Guide, Stage, Who};
pub use kind::kind;
pub use net::{Limits, Service, Watch, clock};
pub use path::Target;
pub use range::{Ranges, ranges};
pub use request::{Head, Method, Refusal, Request, Step, Version, read};
pub use site::{Content, Query, Reply, Site};
