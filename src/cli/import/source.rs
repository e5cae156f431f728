//! The files that are imported: read whole, as text.

use std::io::Read;
use std::path::Path;

use super::super::Failure;
use super::input;
use crate::import::RoleFile;
use crate::source::Sources;

/// A text file, and what it is called. Text of sixteen bits a sign is read too, if it begins with the mark that says
/// so: spreadsheets write it.
pub(super) fn text(path: &Path) -> Result<(String, String), Failure> {
    let shown = match path.to_str() {
        Some("-") => "<stdin>".to_string(),
        Some(shown) => shown.to_string(),
        None => return Err(Failure::new(format!("`{}` is no name in UTF-8", path.display()))),
    };
    let bytes = match shown.as_str() {
        "<stdin>" => input::bytes_of(&mut std::io::stdin().lock(), Path::new("standard input"))?,
        _ => {
            let file = std::fs::File::open(path).and_then(|file| match file.metadata()?.is_dir() {
                true => Err(std::io::ErrorKind::IsADirectory.into()),
                false => Ok(file),
            });
            let read = file.map_err(|error| {
                Failure::new(format!("`{}` cannot be read: {}", path.display(), input::reason(&error)))
            });
            input::bytes_of(&mut read? as &mut dyn Read, path)?
        }
    };
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            bytes[2..].chunks(2).map(|two| pair([two[0], two.get(1).copied().unwrap_or(0)])).collect();
        String::from_utf16(&units)
            .map_err(|_| Failure::new(format!("`{shown}` is no UTF-16 text")).help("save it as UTF-8"))
    };
    let text = match bytes.get(..2) {
        Some([0xff, 0xfe]) => wide(u16::from_le_bytes)?,
        Some([0xfe, 0xff]) => wide(u16::from_be_bytes)?,
        _ => input::utf8(bytes, path)?,
    };
    Ok((shown, text))
}

/// The files in the service's folder of roles, by name; what is no regular file was no role.
pub(super) fn roles(folder: &Path, sources: &mut Sources) -> Result<Vec<RoleFile>, Failure> {
    let fails = |error: &std::io::Error| {
        Failure::new(format!("`{}` cannot be read: {}", folder.display(), input::reason(error)))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| fails(&error))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| fails(&error))?;
    paths.sort();
    let mut roles = Vec::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        // What has no name in UTF-8 nobody could ask for.
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let opened = std::fs::File::open(path);
        let mut file = opened
            .map_err(|error| Failure::new(format!("`{}` cannot be read: {}", path.display(), input::reason(&error))))?;
        let text = String::from_utf8(input::bytes_of(&mut file, path)?).ok();
        let text = text.map(|text| {
            let file = sources.add_foreign(path.display().to_string(), text.as_str());
            (text, file)
        });
        roles.push(RoleFile { name: name.to_string(), text });
    }
    Ok(roles)
}
