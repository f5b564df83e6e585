//! Takes one file out of a zip archive as a gzip file: both hold the same compressed bytes, so
//! nothing is compressed again.

/// The mark of the record at the end of an archive.
const END: [u8; 4] = *b"PK\x05\x06";
/// The mark of an entry in the list of files.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// How long an entry and the head before a file are, without names and extras.
const ENTRY_LENGTH: usize = 46;
const LOCAL_LENGTH: usize = 30;
/// The way of compressing that gzip knows as well.
const DEFLATE: u16 = 8;
/// The head of a gzip file: deflate, no name, no time, of an unknown system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Finds the first file whose path ends so and returns it as a gzip file; `None` when it is not
/// there, or the archive is not one.
pub fn gzip_of(archive: &[u8], ending: &str) -> Option<Vec<u8>> {
    let end = archive.windows(END.len()).rposition(|window| window == END)?;
    let mut at = long(archive, end + 16)?;
    while archive.get(at..)?.starts_with(&ENTRY) {
        let name_length = short(archive, at + 28)?;
        let start = at + ENTRY_LENGTH;
        let name = archive.get(start..start + name_length)?;
        if name.ends_with(ending.as_bytes()) {
            return gzip_at(archive, at);
        }
        at = start + name_length + short(archive, at + 30)? + short(archive, at + 32)?;
    }
    None
}

fn gzip_at(archive: &[u8], entry: usize) -> Option<Vec<u8>> {
    if short(archive, entry + 10)? != usize::from(DEFLATE) {
        return None;
    }
    let packed = long(archive, entry + 20)?;
    let local = long(archive, entry + 42)?;
    let start = local + LOCAL_LENGTH + short(archive, local + 26)? + short(archive, local + 28)?;
    let checksum = archive.get(entry + 16..entry + 20)?;
    let length = archive.get(entry + 24..entry + 28)?;
    Some([&GZIP_HEAD, archive.get(start..start + packed)?, checksum, length].concat())
}

fn short(archive: &[u8], at: usize) -> Option<usize> {
    let bytes = archive.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

fn long(archive: &[u8], at: usize) -> Option<usize> {
    let bytes = archive.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}
