//! XLSX workbooks.

use std::io::{Cursor, Read as _};

use anyhow::Context as _;
use calamine::{DataRef, Reader as _, Xlsx};
use office_core::days;
use office_core::people_import::Cell;
use rust_xlsxwriter::{Format, Workbook};

use super::{FileFault, MAX_COLUMNS, MAX_ROWS, Table, cell_of};

/// The first sheet with a header; without one, the first sheet that has anything.
pub(super) fn read(bytes: &[u8]) -> Result<Table, FileFault> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| FileFault::Damaged)?;
    let mut found: Option<Table> = None;
    for name in book.sheet_names() {
        // A sheet of charts has no cells.
        let Ok(rows) = sheet(&mut book, &name) else {
            continue;
        };
        let rows = rows?;
        let table = Table {
            sheet: Some(name),
            rows,
        };
        if table.has_header() {
            return Ok(table);
        }
        if found.is_none() && !table.rows.is_empty() {
            found = Some(table);
        }
    }
    found.ok_or(FileFault::NoTable)
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// How much everything in the archive unpacks to: counted, since an archive may say what it likes. Stops when it is more
/// than `most`.
pub(super) fn unpacked_size(bytes: &[u8], most: u64) -> Result<u64, FileFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileFault::Damaged)?;
    let mut size = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| FileFault::Damaged)?;
        let left = (most + 1).saturating_sub(size);
        let mut counted = entry.by_ref().take(left);
        size +=
            std::io::copy(&mut counted, &mut std::io::sink()).map_err(|_| FileFault::Damaged)?;
        if size > most {
            break;
        }
    }
    Ok(size)
}

/// The cells of a sheet, one after another: a sheet may say that it is as large as it likes.
fn sheet(
    book: &mut Book<'_>,
    name: &str,
) -> Result<Result<Vec<Vec<Cell>>, FileFault>, calamine::XlsxError> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut cells = book.worksheet_cells_reader(name)?;
    loop {
        let Ok(next) = cells.next_cell() else {
            return Ok(Err(FileFault::Damaged));
        };
        let Some(next) = next else { break };
        let (row, column) = next.get_position();
        let (row, column) = (row as usize, column as usize);
        let cell = cell(next.get_value());
        if column >= MAX_COLUMNS || cell == Cell::Empty {
            continue;
        }
        if row >= MAX_ROWS {
            return Ok(Err(FileFault::TooMuch));
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        let cells = &mut rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
    }
    drop(cells);
    mark_merged(book, name, &mut rows);
    Ok(Ok(rows))
}

/// Says of cells without a value of their own, below the first row of a merged cell, where that value stands.
fn mark_merged(book: &mut Book<'_>, name: &str, rows: &mut [Vec<Cell>]) {
    let merged = book.merge_cells_by_sheet_name(name).unwrap_or_default();
    // As many as there are cells: more would lie in each other.
    let mut left = MAX_ROWS * MAX_COLUMNS;
    for area in merged {
        let ((first, from), (last, to)) = (area.start, area.end);
        let below = rows.iter_mut().enumerate().skip(first as usize + 1);
        for (_, cells) in below.take_while(|(row, _)| *row <= last as usize) {
            for column in from as usize..=(to as usize).min(MAX_COLUMNS - 1) {
                if left == 0 {
                    return;
                }
                left -= 1;
                // A row in which nothing else stands is none of anybody.
                if cells.is_empty() {
                    break;
                }
                if cells.len() <= column {
                    cells.resize(column + 1, Cell::Empty);
                }
                if cells[column] == Cell::Empty {
                    cells[column] = Cell::Merged(first + 1);
                }
            }
        }
    }
}

/// A cell by its stored value, which is all that is read of a formula.
fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            cell_of(text)
        }
        DataRef::SharedString(text) => cell_of(text),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::Bool(yes) => Cell::Text(yes.to_string()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            match days::of(year.into(), month.into(), day.into()) {
                Some(day) if moment.is_datetime() => Cell::Day(day.0),
                _ => Cell::Number(moment.as_f64().to_string()),
            }
        }
    }
}

/// Writes a table: every cell is text, so that zeros at the beginning stay and nothing is a formula.
pub(crate) fn write(sheet: &str, rows: &[Vec<String>]) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let header = Format::new().set_num_format("@").set_bold();
    let page = book.add_worksheet();
    page.set_name(sheet)?;
    page.set_freeze_panes(1, 0)?;
    for column in 0..u16::try_from(rows.first().map_or(0, Vec::len))? {
        page.set_column_format(column, &text)?;
        page.set_column_width(column, 24)?;
    }
    for (row, cells) in rows.iter().enumerate() {
        let format = if row == 0 { &header } else { &text };
        let row = u32::try_from(row).context("so many rows")?;
        for (column, cell) in cells.iter().enumerate() {
            let column = u16::try_from(column).context("so many columns")?;
            page.write_string_with_format(row, column, cell, format)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use rust_xlsxwriter::{ExcelDateTime, Formula};

    use super::*;

    #[test]
    fn dates_numbers_and_formulas_are_read_by_what_they_show() {
        let mut book = Workbook::new();
        book.add_worksheet().write(0, 0, "Bìa").unwrap();
        let page = book.add_worksheet();
        page.set_name("Danh sách").unwrap();
        let day = Format::new().set_num_format("dd/mm/yyyy");
        page.write(2, 0, "Mã").unwrap();
        page.write(2, 1, "Họ tên").unwrap();
        page.write(2, 2, "Từ ngày").unwrap();
        page.write(3, 0, 31).unwrap();
        page.write(3, 1, Formula::new("=\"Lô \"&\"An\"").set_result("Lô An"))
            .unwrap();
        let first = ExcelDateTime::from_ymd(2026, 9, 1).unwrap();
        page.write_with_format(3, 2, &first, &day).unwrap();
        let table = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(
            table.sheet.as_deref(),
            Some("Danh sách"),
            "the one with a header"
        );
        assert_eq!(table.rows.len(), 4);
        assert_eq!(
            table.rows[3],
            [
                Cell::Number("31".to_owned()),
                Cell::Text("Lô An".to_owned()),
                Cell::Day("2026-09-01".to_owned())
            ]
        );
    }

    #[test]
    fn merged_cells_say_where_their_value_stands() {
        let mut book = Workbook::new();
        let page = book.add_worksheet();
        page.write(0, 0, "Họ tên").unwrap();
        page.write(0, 1, "Đơn vị").unwrap();
        for (row, name) in ["A", "B", "C"].into_iter().enumerate() {
            page.write(row as u32 + 1, 0, name).unwrap();
        }
        page.merge_range(1, 1, 2, 1, "TH-15", &Format::new())
            .unwrap();
        let table = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(table.rows[1][1], Cell::Text("TH-15".to_owned()));
        assert_eq!(table.rows[2][1], Cell::Merged(2));
        assert_eq!(table.rows[3].get(1), None);
    }

    #[test]
    fn what_an_archive_unpacks_to_is_counted_up_to_what_is_taken() {
        let mut bytes = Vec::new();
        let mut archive = zip::ZipWriter::new(Cursor::new(&mut bytes));
        let options = zip::write::SimpleFileOptions::default();
        archive
            .start_file("xl/worksheets/sheet1.xml", options)
            .unwrap();
        let zeros = vec![b' '; 1024 * 1024];
        for _ in 0..6 {
            archive.write_all(&zeros).unwrap();
        }
        archive.finish().unwrap();
        assert!(bytes.len() < 64 * 1024, "a small file: {}", bytes.len());
        const MOST: u64 = 4 * 1024 * 1024;
        assert_eq!(unpacked_size(&bytes, MOST), Ok(MOST + 1), "it stops there");
        assert_eq!(unpacked_size(&bytes, 2 * MOST), Ok(6 * 1024 * 1024));
    }

    #[test]
    fn cell_at_the_far_end_of_a_sheet_takes_no_memory() {
        let mut book = Workbook::new();
        let page = book.add_worksheet();
        page.write(0, 0, "Họ tên").unwrap();
        page.write(1_048_575, 0, "x").unwrap();
        assert_eq!(
            read(&book.save_to_buffer().unwrap()),
            Err(FileFault::TooMuch)
        );
        let mut book = Workbook::new();
        let page = book.add_worksheet();
        page.write(0, 0, "Họ tên").unwrap();
        page.write(0, 16_383, "x").unwrap();
        assert_eq!(
            read(&book.save_to_buffer().unwrap()).unwrap().rows[0].len(),
            1
        );
    }
}
