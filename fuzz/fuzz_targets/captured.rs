//! A captured baseline, compressed or not: refused or read, never partly.
#![no_main]

use gate::source::captured::read_header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = read_header(bytes) {
        assert_eq!(read_header(bytes), Ok(header));
    }
});
