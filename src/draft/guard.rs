//! Guards as written: how much a change may do at once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Written;
use super::written::keys;
use crate::model::{Count, LabelChoice, Limit};
use crate::yaml::{Entries, Field};

/// How much a change may do to the machines at once; `fleetc plan` asks.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "guards", deny_unknown_fields)]
pub struct GuardsDraft<'a> {
    /// How many machines that have their system may be wiped by one change: a number, or a share like `10%`.
    pub max_reinstall: Field<Written<'a, Limit>>,
    /// How many machines may be touched by one change at all.
    pub max_change: Field<Written<'a, Limit>>,
    /// Shares never forbid this many machines or fewer, so that a small fleet can be changed; 1 unless set.
    pub minimum: Field<Written<'a, Count>>,
    /// Limits for the machines with a label: `rack=r1` for one value, `rack` for each value by itself.
    #[schemars(extend("propertyNames" = keys::<LabelChoice>()))]
    pub by_label: Field<Entries<'a, Field<LimitsDraft<'a>>>>,
}

/// Limits for the machines with a label.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "limits", deny_unknown_fields)]
pub struct LimitsDraft<'a> {
    /// How many machines that have their system may be wiped by one change: a number, or a share like `10%`.
    pub max_reinstall: Field<Written<'a, Limit>>,
    /// How many machines may be touched by one change at all.
    pub max_change: Field<Written<'a, Limit>>,
}
