//! A walk for people: a transcript with numbered requests.

use super::{By, Request, Trace};
use crate::report::{Style, clean, fold};

/// A walk as a transcript.
pub fn human(trace: &Trace, style: &Style<'_>) -> String {
    let mut text = format!("{}\n", style.bold(&trace.summary));
    for (index, request) in trace.requests.iter().enumerate() {
        let number = index + 1;
        text.push_str(&format!("\n{number:>2}  {}\n", style.bold(&format!("GET {}", clean(&request.url)))));
        text.push_str(&format!("    {}\n", style.dim(&about(request))));
        let room = style.width.saturating_sub(6).max(20);
        for line in &request.then {
            let folded = fold(&clean(line), room, room.saturating_sub(4));
            text.push_str(&format!("      {}\n", folded.replace('\n', "\n          ")));
        }
        for line in request.body.iter().flat_map(|body| body.lines()) {
            text.push_str(format!("    | {}", clean(line)).trim_end());
            text.push('\n');
        }
    }
    text.push_str(&format!("\n{}\n", fold(&trace.end, style.width, style.width)));
    text
}

/// Who asks, what comes, and from where.
fn about(request: &Request) -> String {
    let by = match request.by {
        By::Ipxe => "iPXE",
        By::Installer => "the installer",
        By::Hook => "a hook",
    };
    let mut parts = vec![by.to_string()];
    parts.push(match (request.found, &request.path, request.size) {
        (false, ..) => "404: there is no such file".to_string(),
        (true, None, _) => "not in the tree: your server has it".to_string(),
        (true, Some(_), None) => "a copied file".to_string(),
        (true, Some(_), Some(1)) => "1 byte".to_string(),
        (true, Some(_), Some(size)) => format!("{size} bytes"),
    });
    if let (Some(file), Some(line)) = (&request.file, request.line) {
        parts.push(format!("{file}:{line}"));
    }
    parts.join("; ")
}
