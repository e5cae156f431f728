//! The command line.
#![allow(clippy::print_stdout)]
fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let folder = std::path::Path::new(&path).parent().unwrap_or(std::path::Path::new("")).to_owned();
    let loader = fleetc::source::Disk::new(&folder);
    let compiled =
        fleetc::compile::compile("fleet.yaml", text, &folder.to_string_lossy(), &loader, &Default::default());
    let style = fleetc::report::Style { colour: false, unicode: true, width: 100 };
    let _ = fleetc::report::render(
        fleetc::report::Format::Human,
        &compiled.report,
        &compiled.sources,
        &style,
        &mut std::io::stdout(),
    );
}
