//! `fleetc image`: the installer's kernel and initrd from a provision image.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clap::Args;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::input::reason;
use super::progress::Progress;
use super::{Failure, Outcome, output};
use crate::image::{Choice, ImageError, Installer, Made, Place, Watch, is_beside, make, stanza};

/// Make the installer's kernel and initrd from a provision image
///
/// Reads the partition table and the file system by itself: neither root nor a mount is needed. Prints what the image says
/// of itself, and the release to paste into the fleet file. Files are named by the release of the image, and replaced when
/// they are there; an error changes nothing. Exit status: 0 when both files are written, 2 when they could not be made.
#[derive(Debug, Args)]
pub(super) struct Image {
    /// The image: `clear-VERSION-provision.img`, also compressed with xz or gzip, or a `clear-VERSION-pxe.tar.xz`.
    image: PathBuf,
    /// Folder for the two files, beside the fleet file; made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// The partition with the system, where several could hold it.
    #[arg(long, value_name = "NUMBER")]
    partition: Option<u32>,
    /// The kernel, where there are several and none is the default.
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
}

impl From<ImageError> for Failure {
    fn from(error: ImageError) -> Failure {
        Failure { message: error.message, help: error.help }
    }
}

/// Bytes of a step of the bar.
const STEP: u64 = 1 << 20;

/// Shows how far the work is, and ends it when the user says so.
struct Bar {
    progress: Progress,
    expected: AtomicU64,
    done: AtomicU64,
    interrupted: Arc<AtomicBool>,
}

/// How many whole steps more there are when `bytes` are added to a sum.
fn steps(sum: &AtomicU64, bytes: u64) -> usize {
    let before = sum.fetch_add(bytes, Ordering::Relaxed);
    usize::try_from((before + bytes) / STEP - before / STEP).unwrap_or_default()
}

impl Watch for Bar {
    fn expect(&self, bytes: u64) {
        self.progress.add(0, steps(&self.expected, bytes));
    }

    fn done(&self, bytes: u64) -> io::Result<()> {
        if self.interrupted.load(Ordering::Relaxed) {
            // Not `Interrupted`, which means to try again.
            return Err(io::Error::other("interrupted"));
        }
        match steps(&self.done, bytes) {
            0 => {}
            steps => self.progress.add(steps, 0),
        }
        Ok(())
    }
}

impl Image {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let called = self.image.display();
        let unread = |error| Failure::new(format!("`{called}` cannot be read: {}", reason(&error)));
        let image = File::open(&self.image).map_err(unread)?;
        if image.metadata().map_err(unread)?.is_dir() {
            return Err(Failure::new(format!("`{called}` is a folder")).help("give the image: a file"));
        }
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let unheard = |error| Failure::new(format!("signals cannot be taken: {}", reason(&error)));
            // The second time it ends at once.
            let again = signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&interrupted));
            again.map_err(unheard)?;
            signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(unheard)?;
        }
        let place = Place::open(&self.output)?;
        let made = {
            let progress = Progress::new("reading the image", "MiB");
            let (expected, done) = (AtomicU64::new(0), AtomicU64::new(0));
            let bar = Bar { progress, expected, done, interrupted: Arc::clone(&interrupted) };
            let choice = Choice { partition: self.partition, kernel: self.kernel.as_deref() };
            make(image, choice, &place, &bar)
        };
        if made.is_err() && interrupted.load(Ordering::Relaxed) {
            return Err(Failure::new("interrupted; nothing was written"));
        }
        let made = made?;
        let folder = beside(&self.output);
        output::print(&stanza(&made, &self.image.file_name().unwrap_or_default().to_string_lossy(), &folder))?;
        self.notes(&made, &folder).iter().for_each(|note| output::complain(note));
        Ok(Outcome::Fine)
    }

    /// What the user may have to know besides.
    fn notes(&self, made: &Made, folder: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if !is_beside(folder) {
            notes.push(format!(
                "note: no fleet file can name a file in `{}`; the paths are those in it",
                self.output.display()
            ));
            notes.push(" help: move both files into a folder beside the fleet file".to_string());
        }
        if made.facts.own_init {
            notes.push("note: the image has an `/init` of its own; the machine starts that, not systemd".to_string());
        }
        match made.facts.known.installer {
            Some(Installer::Ister(Some(_))) => {}
            Some(Installer::Ister(None)) => {
                notes.push("note: this ister cannot install from a network; fleetc has no release for it".to_string());
            }
            Some(Installer::ClrInstaller) => {
                // contract P-7, C-3
                notes.push("note: the image holds clr-installer, which reads nothing of a tree of fleetc".to_string());
                notes.push(" help: take an image from before November 2019 that holds ister".to_string());
            }
            None => {
                notes.push(
                    "note: the initrd is compressed with something unknown, or says nothing of itself".to_string(),
                );
                notes.push(" help: find out which installer is in it, and write the release by hand".to_string());
            }
        }
        notes
    }
}

/// A folder as a fleet file in the current folder names it, where it lies below that.
fn beside(folder: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().zip(folder.canonicalize().ok());
    let below = below.and_then(|(here, folder)| Some(folder.strip_prefix(here).ok()?.to_path_buf()));
    below.unwrap_or_else(|| folder.to_path_buf()).to_string_lossy().into_owned()
}
