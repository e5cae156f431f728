//! The YAML front end: text to nodes, nodes to records with places.

mod access;
mod cursor;
mod decode;
mod faults;
mod node;
mod parse;
mod records;
mod scalar;

pub use cursor::Decoder;
pub use faults::read;
pub(crate) use faults::rules;
pub use node::{Document, Kind, Node, NodeId};
pub use parse::{MAX_DEPTH, SyntaxError, parse};
pub use records::{Both, Entries, Entry, Field, Lazy, Open, Setting};
