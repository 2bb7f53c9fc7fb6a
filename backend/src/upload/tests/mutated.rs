//! Files with some of their bytes changed: the check ends, and what it keeps is what it says.

use super::*;

/// What a program of the office would unpack, as much as it says.
fn is_unpacked(bytes: &[u8]) -> bool {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len()).all(|index| {
        let mut entry = archive.by_index(index).unwrap();
        let size = entry.size();
        std::io::copy(&mut entry, &mut std::io::sink()).is_ok_and(|length| length == size)
    })
}

/// One change: a byte, a piece taken away, written twice, or taken from another file.
fn mutate(random: &mut fastrand::Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let from = random.usize(..bytes.len());
    let to = (from + random.usize(1..16)).min(bytes.len());
    match random.u8(..6) {
        0 | 1 => bytes[from] = random.u8(..),
        2 => bytes[from] = b"\0\x01\xff(/<"[random.usize(..6)],
        3 => drop(bytes.drain(from..to)),
        4 => {
            let piece = bytes[from..to].to_vec();
            bytes.splice(from..from, piece);
        }
        _ => {
            let start = random.usize(..other.len());
            let piece = other[start..(start + 64).min(other.len())].to_vec();
            bytes.splice(from..to, piece);
        }
    }
}

#[test]
fn changed_files_are_kept_only_if_they_can_be_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/upload");
    let files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    assert!(files.len() > 20, "the seeds of the fuzz target");
    let mut random = fastrand::Rng::with_seed(1);
    let mut kept = 0;
    for (name, seed) in &files {
        for _ in 0..1_000 {
            let mut bytes = seed.clone();
            for _ in 0..random.usize(1..4) {
                let other = &files[random.usize(..files.len())].1;
                mutate(&mut random, &mut bytes, other);
            }
            if verdict(name, &bytes).is_ok() {
                kept += 1;
                assert!(!bytes.starts_with(b"PK") || is_unpacked(&bytes), "{name}: {bytes:?}");
            }
        }
    }
    assert!(kept > 100, "{kept} kept: the changes are too large to try anything");
}
