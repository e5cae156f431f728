//! The table of all boots: firmware, case, outcome, seconds. It is shown when the last boot is over.

use std::fmt::Write;
use std::sync::Mutex;

use crate::qemu::Firmware;
use crate::seen::Outcome;

struct Row {
    firmware: Firmware,
    case: &'static str,
    outcome: String,
    seconds: f64,
}

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());

/// A row in the making; a case that fails leaves one that says so.
struct Pending(Option<Row>);

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(row) = self.0.take() else { return };
        let mut rows = ROWS.lock().unwrap();
        rows.push(row);
        if rows.len() == crate::BOOTS {
            println!("\n{}", shown(&mut rows));
        }
    }
}

/// Runs a case, and keeps its outcome for the table.
pub fn record(firmware: Firmware, case: &'static str, run: impl FnOnce(Firmware) -> Outcome) {
    let mut row = Pending(Some(Row { firmware, case, outcome: "FAILED".to_string(), seconds: f64::NAN }));
    let outcome = run(firmware);
    if let Some(row) = &mut row.0 {
        (row.outcome, row.seconds) = (outcome.text, outcome.seconds);
    }
}

fn shown(rows: &mut [Row]) -> String {
    rows.sort_by_key(|row| (row.case, row.firmware));
    let mut text = format!("{:<9} {:<45} {:>7}  outcome\n", "firmware", "case", "seconds");
    for row in rows {
        let firmware = format!("{:?}", row.firmware);
        let _ =
            writeln!(text, "{firmware:<9} {:<45} {:>7.1}  {}", row.case.replace('_', " "), row.seconds, row.outcome);
    }
    text
}
