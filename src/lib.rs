//! fleetc compiles a fleet of machines: one YAML file in, a static tree for network installs out.
//!
//! Machines that boot over iPXE walk through the tree, file by file, until they are installed and configured; any HTTP
//! server can host it. A compiler, from front to back: each stage is a verb, what it hands on is a noun.
//!
//! ```text
//!  fleet.yaml ─read→ Sources ─parse→ Document ─decode→ Draft ─resolve→ Fleet ─emit→ Tree ─publish→ disk
//!                I/O     │          │             │             │  └─check           │       I/O
//!                        └──────────┴─────────────┴──── Sink ───┴────────────────────┘
//!                                                         └→ Report → human │ json │ sarif │ …
//! ```
//!
//! From the ground up; a module uses only those above it in this list, and `tests/layers.rs` says so.
//!
//! | module | holds |
//! |---|---|
//! | [`source`] | files that were read, places in them, values with their places; the seam for reading |
//! | `nearest` | "did you mean" |
//! | `secret` | what secrets look like |
//! | [`facts`] | what is known of the operating system: its releases and bundles |
//! | [`ipxe`] | boot scripts, run as iPXE runs them, along one path or every path |
//! | [`tree`] | safe paths, and the shape of a tree |
//! | [`diag`] | rules, findings, the sink that collects them, the report |
//! | [`yaml`] | text to nodes to records |
//! | [`model`] | the fleet as meant: types that can only be made by reading them right |
//! | [`draft`] | the language as written |
//! | [`resolve`] | references, inheritance, defaults: draft to fleet |
//! | [`template`] | role texts, rendered for a role or a host |
//! | [`emit`] | fleet to tree, an artifact a file |
//! | [`rules`] | the checks over the whole fleet, and the registry of all rules |
//! | [`compile`] | the stages, chained once |
//! | [`publish`] | a tree becomes the content of a folder; the seam for writing |
//! | [`fix`] | the repairs that findings carry, made |
//! | [`git`] | revisions of a repository as sources; the second seam for reading |
//! | [`report`] | findings for people and programs, a format a file |
//! | [`plan`] | what a change does to each machine |
//! | [`show`] | one machine: each value, the line that set it, what that overrode |
//! | [`trace`] | what a machine will see, request by request |
//! | [`verify`] | a real server, asked as machines would ask it; the seam to the network |
//! | [`beside`] | what stands beside the tree: the configuration of web and DHCP servers, Ansible's inventory |
//! | [`import`] | what people have today, as a fleet file; and machines added to one that exists |
//! | [`serve`] | the tree on a port, for a trial, and who fetched what; a seam: sockets, files, the clock |
//! | [`image`] | boot files from a provision image; a seam: the folder they are written to |
//! | [`schemas`] | JSON Schemas of what is read and written |
//! | [`book`] | the pages of the book that are made from the code |
//! | [`cli`] | the command line, a command a file |
//!
//! Nothing between the seams reads a file, a clock, the network or the environment: same input, same bytes.
//!
//! ```
//! use fleetc::compile::compile;
//! use fleetc::diag::Levels;
//! use fleetc::source::Memory;
//!
//! let text = "version: 1\nserver: { url: http://192.168.1.1 }\nhosts:\n  node-1: { mac: 52:54:00:00:00, role: web }\n";
//! let compiled = compile("fleet.yaml", text.to_string(), "", &Memory::default(), &Levels::default());
//! let rules: Vec<_> = compiled.report.findings.iter().map(|finding| finding.diagnostic.rule.id).collect();
//! assert_eq!(rules, ["malformed-mac", "dangling-reference"]);
//! assert!(compiled.fleet().is_none());
//! ```
#![warn(missing_docs, clippy::disallowed_methods)]

pub mod beside;
pub mod book;
pub mod cli;
pub mod compile;
pub mod diag;
pub mod draft;
pub mod emit;
pub mod facts;
pub mod fix;
pub mod git;
pub mod image;
pub mod import;
pub mod ipxe;
pub mod model;
mod nearest;
pub mod plan;
pub mod publish;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schemas;
mod secret;
pub mod serve;
pub mod show;
pub mod source;
pub mod template;
pub mod trace;
pub mod tree;
pub mod verify;
pub mod yaml;
