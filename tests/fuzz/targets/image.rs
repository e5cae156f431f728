//! Any bytes that are taken for an image give an error, or an archive that ends where it should.
#![no_main]

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use fleetc::image::{Choice, Part, Watch, pack};
use libfuzzer_sys::fuzz_target;

/// Ends work that goes on for too many bytes.
struct Bounded(Cell<u64>);

impl Watch for Bounded {
    fn expect(&self, _bytes: u64) {}

    fn done(&self, bytes: u64) -> io::Result<()> {
        self.0.set(self.0.get() + bytes);
        if self.0.get() > 16 << 20 { Err(io::Error::other("too much")) } else { Ok(()) }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let image = Part::whole(Rc::new(bytes.to_vec()), bytes.len() as u64);
    let (mut kernel, mut initrd) = (Vec::new(), Vec::new());
    let watch = Bounded(Cell::new(0));
    if pack(&image, Choice::default(), &mut kernel, &mut initrd, &watch).is_ok() {
        let mut archive = Vec::new();
        flate2::bufread::GzDecoder::new(initrd.as_slice()).read_to_end(&mut archive).unwrap();
        assert!(archive.starts_with(b"070701") && archive.len() % 512 == 0);
    }
});
