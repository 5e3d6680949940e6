//! A file of units, as somebody's spreadsheet writes it, read into rows.

use axum::http::StatusCode;
use office_core::unit_rows::Row;
use protocol::api::{ProblemCode, UnitFileFault};
use protocol::text::Rule;

use super::look::{KIND, UNIT_NAME, code};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::text::fold;

/// The most rows of a file: three times the units of a large province.
const MOST_ROWS: usize = 5_000;
/// In how many lines the header is looked for: letterheads stand above it.
const HEADER_WITHIN: usize = 15;

/// A line of a file that has cells.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) row: Row,
    /// Why it cannot even be read.
    pub(super) fault: Option<UnitFileFault>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Code,
    Name,
    Kind,
    Parent,
    Replaces,
}

impl Column {
    /// The column under a heading, with or without diacritics.
    fn under(heading: &str) -> Option<Self> {
        let heading = fold(heading).replace('_', " ");
        Some(match heading.as_str() {
            "code" | "ma" | "ma don vi" | "ma hanh chinh" => Self::Code,
            "name" | "ten" | "ten don vi" => Self::Name,
            "kind" | "loai" | "loai don vi" => Self::Kind,
            "parent" | "parent code" | "thuoc" | "ma don vi cap tren" | "ma cap tren" => {
                Self::Parent
            }
            "replaces" | "old district code" | "ma don vi cu" | "ma huyen cu" => Self::Replaces,
            _ => return None,
        })
    }
}

/// Reads a file: cells between commas, semicolons or tabs, a header somewhere at the beginning, columns in any order.
///
/// # Errors
/// 400 `file_without_header` when no line names the columns of code and name; 413 `file_too_long`.
pub(super) fn read(text: &str) -> ApiResult<Vec<Line>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut columns: Option<Vec<Option<Column>>> = None;
    let mut lines = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|_| no_header())?;
        let Some(columns) = &columns else {
            let found: Vec<_> = record.iter().map(Column::under).collect();
            let has = |column| found.contains(&Some(column));
            if has(Column::Code) && has(Column::Name) {
                columns = Some(found);
            } else if number >= HEADER_WITHIN {
                return Err(no_header());
            }
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() >= MOST_ROWS {
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                ProblemCode::FileTooLong,
                "the file has more rows than this server takes",
            )
            .with("limit", MOST_ROWS));
        }
        let line = record.position().map_or(0, csv::Position::line);
        lines.push(line_of(line, columns, &record));
    }
    match columns {
        Some(_) => Ok(lines),
        None => Err(no_header()),
    }
}

fn no_header() -> ApiError {
    ApiError::bad_request(
        ProblemCode::FileWithoutHeader,
        "no line of the file names the columns of code and name",
    )
}

/// What stands between the cells: whichever of the three there is most of.
fn delimiter(text: &str) -> u8 {
    let head: String = text.lines().take(HEADER_WITHIN).collect();
    let count = |sign: u8| head.bytes().filter(|byte| *byte == sign).count();
    let signs = [b'\t', b';', b','];
    signs
        .into_iter()
        .max_by_key(|sign| count(*sign))
        .unwrap_or(b',')
}

fn line_of(number: u64, columns: &[Option<Column>], record: &csv::StringRecord) -> Line {
    let mut row = Row {
        line: number,
        ..Row::default()
    };
    let mut fault = None;
    let mut text = |rule: Rule, cell: &str| match rule.admit(cell) {
        Ok(text) => Some(text),
        Err(_) => {
            fault = Some(UnitFileFault::BadText);
            None
        }
    };
    let mut bad_code = false;
    for (column, cell) in columns.iter().zip(record.iter()) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let mut read_code = |cell: &str| {
            let code = code(cell);
            bad_code |= code.is_none();
            code
        };
        match column {
            Some(Column::Code) => row.code = read_code(cell).unwrap_or_default(),
            Some(Column::Parent) => row.parent = read_code(cell),
            Some(Column::Replaces) => row.replaces = read_code(cell),
            Some(Column::Name) => row.name = text(UNIT_NAME, cell),
            Some(Column::Kind) => row.kind = text(KIND, cell).map(known_kind),
            None => {}
        }
    }
    if bad_code || row.code.is_empty() {
        fault = Some(UnitFileFault::BadCode);
    }
    Line { row, fault }
}

/// The word that is stored for a kind which a file calls as our pages do; any other kind stays as it is written.
fn known_kind(kind: String) -> String {
    let word = match fold(&kind).as_str() {
        "so" | "department" => "department",
        "phong gd&dt" | "district office" => "district_office",
        "xa, phuong" | "commune" => "commune_unit",
        "truong" | "school" => "school",
        "don vi truc thuoc" | "attached unit" => "attached_unit",
        _ => return kind,
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(u64, String, Option<String>)> {
        let lines = read(text).expect("it can be read");
        lines
            .into_iter()
            .map(|line| (line.row.line, line.row.code, line.row.name))
            .collect()
    }

    #[test]
    fn header_stands_anywhere_at_the_beginning_and_cells_between_any_signs() {
        for text in [
            "code,name\n00123,Trường A\n",
            "\u{feff}Mã;Tên đơn vị\r\n00123;Trường A\r\n\r\n",
            "SỞ GIÁO DỤC\tDANH SÁCH\nTÊN\tMÃ\nTrường A\t00123\n",
            "name,code,note\n\"Trường A\",00123,\"a, b\"\n",
        ] {
            let found = codes(text);
            assert_eq!(found.len(), 1, "{text:?}");
            assert_eq!(found[0].1, "00123", "zeros stay: {text:?}");
            assert_eq!(found[0].2.as_deref(), Some("Trường A"));
        }
    }

    #[test]
    fn kind_is_known_by_its_name_and_any_other_stays_as_it_is_written() {
        let text = "code;name;kind\nA;A;Trường\nB;B;XÃ, PHƯỜNG\nC;C;school\nD;D;phường\nE;E;\n";
        let kinds: Vec<_> = read(text)
            .unwrap()
            .into_iter()
            .map(|line| line.row.kind)
            .collect();
        let kinds: Vec<_> = kinds.iter().map(Option::as_deref).collect();
        let school = Some("school");
        assert_eq!(
            kinds,
            [school, Some("commune_unit"), school, Some("phường"), None]
        );
    }

    #[test]
    fn line_is_told_as_the_spreadsheet_counts() {
        let found = codes("code,name\nA,Một\nB,\"Hai\nba\"\nC,Bốn\n");
        assert_eq!(found.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 3, 5]);
    }

    #[test]
    fn file_without_a_header_and_cells_that_are_no_texts_are_told() {
        for text in ["", "a,b\n1,2\n", &"x\n".repeat(40)] {
            assert_eq!(read(text).unwrap_err().code, ProblemCode::FileWithoutHeader);
        }
        let lines = read("code,name\na b,X\nA,\u{202e}\n,Y\nB,Z\n").unwrap();
        let faults: Vec<_> = lines.iter().map(|line| line.fault).collect();
        let bad = UnitFileFault::BadCode;
        assert_eq!(
            faults,
            [Some(bad), Some(UnitFileFault::BadText), Some(bad), None]
        );
        let long = format!("code,name\n{}", "A,B\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(&long).unwrap_err().code, ProblemCode::FileTooLong);
    }
}
