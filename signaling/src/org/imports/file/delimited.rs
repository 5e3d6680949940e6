//! Text with separators: commas, semicolons or tabs, in the encodings that offices of Viet Nam use.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1258};
use office_core::people_import::Cell;

use super::{FileFault, MAX_COLUMNS, MAX_ROWS, Table, cell_of};

/// Separators are guessed from so many characters.
const GUESSED_FROM: usize = 16 * 1024;

pub(super) fn read(bytes: &[u8]) -> Result<Table, FileFault> {
    let text = with_empty_lines(&decode(bytes)?);
    let separator = separator_of(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|_| FileFault::NoTable)?
    {
        if rows.len() == MAX_ROWS {
            return Err(FileFault::TooMuch);
        }
        rows.push(record.iter().take(MAX_COLUMNS).map(cell_of).collect());
    }
    match rows.is_empty() {
        true => Err(FileFault::NoTable),
        false => Ok(Table { sheet: None, rows }),
    }
}

/// The text with a blank in each empty line: the reader passes over empty lines, which a sheet counts.
fn with_empty_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut begins) = (false, true);
    for c in text.chars() {
        if begins && !quoted && matches!(c, '\r' | '\n') {
            out.push(' ');
        }
        out.push(c);
        quoted ^= c == '"';
        begins = c == '\n';
    }
    out
}

/// UTF-8 or UTF-16 by its mark or its looks; what is neither is what Windows wrote in Viet Nam before.
fn decode(bytes: &[u8]) -> Result<String, FileFault> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => match looks_like_utf_16(bytes) {
            Some(encoding) => encoding,
            None => match std::str::from_utf8(bytes) {
                Ok(text) => return plain(text.to_owned()),
                Err(_) => WINDOWS_1258,
            },
        },
    };
    let (text, had_errors) = encoding.decode_with_bom_removal(bytes);
    if had_errors && encoding != WINDOWS_1258 {
        return Err(FileFault::NoTable);
    }
    plain(text.into_owned())
}

/// Nothing that is a text has such characters.
fn plain(text: String) -> Result<String, FileFault> {
    match text.contains('\0') {
        true => Err(FileFault::NoTable),
        false => Ok(text),
    }
}

/// Every second byte of Latin text in UTF-16 is zero.
fn looks_like_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let looked_at = &bytes[..bytes.len().min(512)];
    let zeros = |offset: usize| {
        let halves = looked_at.iter().skip(offset).step_by(2);
        halves.filter(|byte| **byte == 0).count()
    };
    let many = looked_at.len() / 5;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > many => Some(UTF_16LE),
        (even, 0) if even > many => Some(UTF_16BE),
        _ => None,
    }
}

/// The separator that a file names in its first line (`sep=;`), else the one that parts its first lines most often and
/// stands outside quotation marks.
fn separator_of(text: &str) -> u8 {
    if let Some([named, ..]) = text.strip_prefix("sep=").map(str::as_bytes)
        && b",;\t".contains(named)
    {
        return *named;
    }
    let mut counts = [(b';', 0_usize), (b'\t', 0), (b',', 0)];
    let mut quoted = false;
    for c in text.chars().take(GUESSED_FROM) {
        if c == '"' {
            quoted = !quoted;
        }
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(byte, _)| char::from(*byte) == c && !quoted)
        {
            *count += 1;
        }
    }
    // Commas stand in sentences too: another separator wins when there are as many.
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    best.filter(|(_, count)| *count > 0)
        .map_or(b',', |(byte, _)| byte)
}

/// Writes a table: UTF-8 with its mark, commas, and text where a sheet would see a formula.
pub(crate) fn write(rows: &[Vec<String>]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut bytes);
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

/// A text that no sheet takes for a formula. A telephone number and a number are none.
fn harmless(text: &str) -> String {
    let rest = text.get(1..).unwrap_or_default();
    let digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let harmful = match text.as_bytes().first() {
        Some(b'=' | b'@') => true,
        Some(b'+') => {
            !digits(rest)
                || !rest
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b' ')
        }
        Some(b'-') => {
            !digits(rest)
                || !rest
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
        }
        _ => false,
    };
    if harmful {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = read(bytes).unwrap();
        let row = |row: Vec<Cell>| row.iter().map(|cell| cell.text().to_owned()).collect();
        table.rows.into_iter().map(row).collect()
    }

    fn utf_16(text: &str, mark: bool, swap: bool) -> Vec<u8> {
        let marked = if mark {
            format!("\u{feff}{text}")
        } else {
            text.to_owned()
        };
        let units = marked.encode_utf16();
        units
            .flat_map(|unit| {
                if swap {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn every_encoding_and_separator_says_the_same() {
        const TEXT: &str = "Mã;Họ tên\r\n0031;Đỗ Đức\r\n";
        let expected = [["Mã", "Họ tên"], ["0031", "Đỗ Đức"]];
        let mut files = vec![
            TEXT.as_bytes().to_vec(),
            format!("\u{feff}{TEXT}").into_bytes(),
            TEXT.replace(';', ",").into_bytes(),
            TEXT.replace(';', "\t").into_bytes(),
            utf_16(TEXT, true, false),
            utf_16(TEXT, true, true),
            utf_16(&TEXT.replace(';', "\t"), false, false),
        ];
        // Windows-1258 puts the tone after its letter: "Mã" is three letters there.
        files.push(b"Ma\xde;Ho\xf2 t\xean\r\n0031;\xd0\xf4\xde \xd0\xfd\xecc\r\n".to_vec());
        for (index, file) in files.iter().enumerate() {
            let read = texts(file);
            let composed: Vec<Vec<String>> = read
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|cell| protocol::text::NAME.admit(cell).unwrap())
                        .collect()
                })
                .collect();
            assert_eq!(composed, expected, "file {index}");
        }
    }

    #[test]
    fn rows_have_the_numbers_that_a_sheet_shows() {
        let read = texts("DANH SÁCH\n\n\nMã;Tên\n1;\"A\nB\"\n2;C;D\n".as_bytes());
        assert_eq!(read[0], ["DANH SÁCH"]);
        assert!(read[1..3].iter().flatten().all(String::is_empty));
        assert_eq!(read[3], ["Mã", "Tên"]);
        assert_eq!(read[5], ["2", "C", "D"]);
    }

    #[test]
    fn separator_is_named_or_guessed_outside_quotation_marks() {
        assert_eq!(separator_of("sep=;\na,b,c"), b';');
        assert_eq!(separator_of("\"a,b,c\";d\n\"e,f,g\";h"), b';');
        assert_eq!(separator_of("Tên\nA"), b',');
        assert_eq!(separator_of("a\tb\nc\td"), b'\t');
    }
}
