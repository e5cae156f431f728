//! Guards, read.

use crate::diag::Sink;
use crate::draft::{GuardsDraft, LimitsDraft};
use crate::model::{FromText, Guards, LabelChoice, Limits};
use crate::yaml::Field;

/// Reads the guards; what is faulty is reported and left out.
pub(super) fn guards(field: Field<GuardsDraft<'_>>, sink: &Sink) -> Guards {
    let Some(draft) = field.optional() else { return Guards::default() };
    let GuardsDraft { max_reinstall, max_change, minimum, by_label } = draft.value;
    let all = limits(&LimitsDraft { max_reinstall, max_change }, sink);
    let mut guards = Guards { all, minimum: minimum.read(sink).ok().flatten(), by_label: Vec::new() };
    for entry in super::entries(by_label) {
        let choice = sink.take(LabelChoice::from_text(entry.key.value), entry.key.span);
        let limits = entry.value.optional().map(|draft| limits(&draft.value, sink));
        if let (Ok(choice), Some(limits)) = (choice, limits) {
            guards.by_label.push((choice, limits));
        }
    }
    guards
}

fn limits(draft: &LimitsDraft<'_>, sink: &Sink) -> Limits {
    Limits {
        max_reinstall: draft.max_reinstall.read(sink).ok().flatten(),
        max_change: draft.max_change.read(sink).ok().flatten(),
    }
}
