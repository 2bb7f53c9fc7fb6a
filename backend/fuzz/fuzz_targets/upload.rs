//! Any bytes as a file of each format: the check ends, and what it keeps is not two things.
#![no_main]

use datapass::upload;
use libfuzzer_sys::fuzz_target;
use shared::document::FileFormat;

fuzz_target!(|bytes: &[u8]| {
    for format in FileFormat::ALL {
        let ending = format.as_str();
        let verdict = upload::check(&format!("a.{ending}"), bytes, &[ending.to_owned()]);
        if let Err(refusal) = verdict {
            assert!(!refusal.to_string().is_empty());
        }
    }
    if let Ok(name) = upload::filename(&String::from_utf8_lossy(bytes)) {
        assert!(!name.contains(['/', '\\', '\0']) && !name.is_empty());
        assert_eq!(upload::filename(&name).as_deref(), Ok(name.as_str()));
    }
});
