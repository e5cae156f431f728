//! The YAML front end: text to nodes, nodes to records with places.

mod access;
mod decode;
mod faults;
mod node;
mod parse;
mod records;
mod scalar;

pub use decode::Decoder;
pub use node::{Document, Kind, Node, NodeId};
pub use parse::{MAX_DEPTH, SyntaxError, parse};
pub use records::{Both, Entries, Entry, Field, Lazy, Open, Setting};
