//! The YAML front end: text to nodes, nodes to records with places.

mod access;
mod cause;
mod cursor;
mod decode;
mod explain;
mod fast;
mod faults;
mod keys;
mod node;
mod nodes;
mod parse;
mod probe;
mod records;
mod scalar;
mod schema;

pub use cause::SyntaxError;
pub use cursor::Decoder;
pub use faults::read;
pub(crate) use faults::rules;
pub use node::{Document, Kind, Node, NodeId};
pub use nodes::MAX_NODES;
pub use parse::{MAX_DEPTH, parse, parse_fast, parse_general};
pub use records::{Both, Entries, Entry, Field, Lazy, LazyEntries, NodePair, Open, Setting};
