//! Tables in files: XLSX and text with separators, read and written; OneRoster, read.

mod delimited;
mod one_roster;
mod workbook;

use office_core::people_import::{Cell, find_header};

pub(crate) use delimited::write as write_delimited;
pub(crate) use workbook::write as write_workbook;

/// The largest file that is taken.
pub(crate) const MAX_FILE: usize = 8 * 1024 * 1024;
/// The most rows of a table, those above its header included.
pub(crate) const MAX_ROWS: usize = 20_100;
/// Columns beyond are passed over.
pub(crate) const MAX_COLUMNS: usize = 60;
/// The most bytes that a workbook unpacks to.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// The most characters of a cell that are kept; what is longer is no name of anything.
const MAX_CELL_CHARS: usize = 500;

/// A table as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// The sheet, of a workbook.
    pub(crate) sheet: Option<String>,
    /// Its rows, those above the header included: the first is row 1.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Table {
    fn has_header(&self) -> bool {
        find_header(&self.rows).is_some()
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileFault {
    /// It is neither a workbook nor text.
    #[error("this is neither an XLSX workbook, nor a OneRoster archive, nor text with separators")]
    NoTable,
    /// It is a workbook of the time before XLSX, or one with a password.
    #[error("this is a workbook of an old kind, or one with a password")]
    OldWorkbook,
    /// It is a workbook that breaks off or lies.
    #[error("this workbook is damaged")]
    Damaged,
    /// It has more rows, or unpacks to more, than is taken.
    #[error("this table has too many rows, or unpacks to too much")]
    TooMuch,
}

impl FileFault {
    /// The stable word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NoTable => "no_table",
            Self::OldWorkbook => "old_workbook",
            Self::Damaged => "damaged",
            Self::TooMuch => "too_much",
        }
    }
}

/// Reads a file, by what it holds and not by its name.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, FileFault> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => archive(bytes),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(FileFault::OldWorkbook),
        _ => delimited::read(bytes),
    }
}

/// Reads an archive. What it unpacks to is bounded before anything of it is believed.
fn archive(bytes: &[u8]) -> Result<Table, FileFault> {
    if workbook::unpacked_size(bytes, MAX_UNPACKED)? > MAX_UNPACKED {
        return Err(FileFault::TooMuch);
    }
    match one_roster::is_one(bytes) {
        true => one_roster::read(bytes),
        false => workbook::read(bytes),
    }
}

/// A cell of text, cut where it is longer than anything that is read from it.
fn cell_of(text: &str) -> Cell {
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => Cell::of_text(&text[..end]),
        None => Cell::of_text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What people may have typed, and a sheet may take for something else.
    const ODD: [&str; 8] = [
        "+84912345678",
        "-5",
        "=1+1",
        "@SUM(A1)",
        "-x",
        "Lê \"Bi\" An; A, B",
        "0031",
        "",
    ];

    fn texts(table: &Table, row: usize) -> Vec<&str> {
        table.rows[row].iter().map(Cell::text).collect()
    }

    #[test]
    fn what_was_written_is_read_again_as_it_was_in_both_kinds() {
        let rows = [
            vec!["Mã".to_owned(), "Họ tên".to_owned()],
            ODD.map(str::to_owned).to_vec(),
        ];
        for bytes in [
            write_delimited(&rows).unwrap(),
            write_workbook("Danh sách", &rows).unwrap(),
        ] {
            let table = read(&bytes).unwrap();
            assert_eq!(texts(&table, 0), ["Mã", "Họ tên"]);
            let mut read = texts(&table, 1);
            read.resize(ODD.len(), "");
            assert_eq!(read, ODD);
        }
    }

    #[test]
    fn formula_is_text_in_what_is_written_and_a_telephone_stays_one() {
        let rows = [ODD.map(str::to_owned).to_vec()];
        let bytes = write_delimited(&rows).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.starts_with('\u{feff}'),
            "so that a sheet knows that it is UTF-8"
        );
        assert!(
            text.contains("+84912345678,-5,'=1+1,'@SUM(A1),'-x,"),
            "{text}"
        );
    }

    #[test]
    fn files_of_other_kinds_are_refused_by_name() {
        for (bytes, fault) in [
            (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1][..], FileFault::OldWorkbook),
            (&b"PK\x03\x04 and no more"[..], FileFault::Damaged),
            (
                &b"%PDF-1.7\x00\x01\x02\x03\x00\x00\x00"[..],
                FileFault::NoTable,
            ),
            (&b""[..], FileFault::NoTable),
        ] {
            assert_eq!(read(bytes), Err(fault));
        }
    }

    #[test]
    fn table_that_is_too_long_is_refused_as_a_whole() {
        let rows = "1;2\n".repeat(MAX_ROWS + 1);
        assert_eq!(read(rows.as_bytes()), Err(FileFault::TooMuch));
    }
}
