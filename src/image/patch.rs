//! Bytes of a disk, changed on the way to who reads them.

use super::superblock::CHECKSUMS;

/// The part of `buffer`, which holds the bytes of a disk from `at` on, that lies at `from`; empty when it does not.
pub(super) fn overlap(buffer: &mut [u8], at: u64, from: u64, len: u64) -> (&mut [u8], usize) {
    let end = at + buffer.len() as u64;
    let (first, last) = (from.max(at), (from + len).min(end));
    if first >= last {
        return (&mut [], 0);
    }
    // Both lie inside the buffer, so they fit.
    let index = |place: u64, base: u64| usize::try_from(place - base).unwrap_or(usize::MAX);
    (&mut buffer[index(first, at)..index(last, at)], index(first, from))
}

/// Puts `bytes`, which stand for what a disk has at `from`, over the bytes of `buffer`, which it has from `at` on.
pub(super) fn put(buffer: &mut [u8], at: u64, from: u64, bytes: &[u8]) {
    let (there, skipped) = overlap(buffer, at, from, bytes.len() as u64);
    let len = there.len();
    there.copy_from_slice(&bytes[skipped..skipped + len]);
}

/// Takes from what a disk has from `at` on the feature that says that there are checksums, where that is part of it.
pub(super) fn without_checksums(buffer: &mut [u8], at: u64) {
    let (place, feature) = CHECKSUMS;
    if let (features @ [_], _) = overlap(buffer, at, place, 1) {
        features[0] &= !feature;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_changed() {
        for at in 0..20_u64 {
            let mut buffer = [0; 6];
            put(&mut buffer, at, 10, b"abc");
            let expected: Vec<u8> =
                (at..at + 6).map(|place| *b"abc".get((place as usize).wrapping_sub(10)).unwrap_or(&0)).collect();
            assert_eq!(buffer.to_vec(), expected, "{at}");
        }
        let mut buffer = [0xff; 4];
        without_checksums(&mut buffer, 1024 + 0x64);
        assert_eq!(buffer, [0xff, 0xfb, 0xff, 0xff]);
    }
}
