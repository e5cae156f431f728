//! The table of all boots: firmware, case, outcome, seconds. It is shown when the last boot is over.

use std::fmt::Write;
use std::sync::Mutex;

use crate::qemu::Firmware;
use crate::seen::Outcome;

struct Row {
    firmware: Firmware,
    case: &'static str,
    outcome: String,
    /// None for a failure.
    seconds: Option<f64>,
}

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());

/// A row in the making; a case that fails leaves one that says so.
struct Pending(Option<Row>);

impl Drop for Pending {
    // The table is for people who watch the tests.
    #[allow(clippy::print_stdout)]
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
    let mut row = Pending(Some(Row { firmware, case, outcome: "FAILED".to_string(), seconds: None }));
    let outcome = run(firmware);
    if let Some(row) = &mut row.0 {
        (row.outcome, row.seconds) = (outcome.text, Some(outcome.seconds));
    }
}

fn shown(rows: &mut [Row]) -> String {
    rows.sort_by_key(|row| (row.case, row.firmware));
    let mut text = format!("{:<9} {:<26} {:>7}  outcome\n", "firmware", "case", "seconds");
    for row in rows {
        let firmware = format!("{:?}", row.firmware);
        let seconds = row.seconds.map_or("-".to_string(), |seconds| format!("{seconds:.1}"));
        let case = row.case.replace('_', " ");
        let _ = writeln!(text, "{firmware:<9} {case:<26} {seconds:>7}  {}", row.outcome);
    }
    text
}
