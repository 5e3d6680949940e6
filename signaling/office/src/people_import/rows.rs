//! What a row says.

use std::collections::BTreeMap;

use protocol::api::{ImportColumn, RowFaultCode};
use protocol::{Day, text};
use serde::{Deserialize, Serialize};

use super::Fault;
use super::legacy::legacy_of;
use crate::days;

/// A cell as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    Empty,
    /// What somebody typed, or the stored value of a formula.
    Text(String),
    /// A number, as it is written without a format.
    Number(String),
    /// A date, as a day.
    Day(String),
    /// What a formula could not work out.
    Error(String),
    /// A part of a merged cell whose value stands in this row above.
    Merged(u32),
}

impl Cell {
    /// A cell of text; blanks alone are nothing. A quotation mark that keeps a sheet from reading a formula is no part of it.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        let quoted = text
            .strip_prefix('\'')
            .filter(|rest| rest.starts_with(['=', '+', '-', '@']));
        match quoted.unwrap_or(text) {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// What can be read in it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Empty | Self::Merged(_) => "",
            Self::Text(text) | Self::Number(text) | Self::Day(text) | Self::Error(text) => text,
        }
    }

    /// Whether there is nothing to read in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }
}

/// What becomes of codes that are shorter than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    /// Somebody is asked; until then their rows are not written.
    Ask(usize),
    /// Zeros are put before them, up to this length.
    Pad(usize),
    /// They are as they are.
    Keep,
}

/// What a row says; what it does not say is `None` and changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The external code.
    pub code: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Ông, Bà, Đồng chí.
    pub form_of_address: Option<String>,
    /// Code or name of the unit.
    pub unit: Option<String>,
    /// As what.
    pub position: Option<String>,
    /// What a teacher teaches.
    pub subject: Option<String>,
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl Wanted {
    /// By what somebody is found in another row: the code, else name and unit. None when neither is there.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match (&self.code, &self.name) {
            (Some(code), _) => Some(format!("c{code}")),
            (None, Some(name)) => {
                let unit = self.unit.as_deref().unwrap_or_default();
                Some(format!(
                    "n{}\u{1f}{}",
                    name.to_lowercase(),
                    crate::text::fold(unit)
                ))
            }
            (None, None) => None,
        }
    }
}

/// Reads a row; every fault is told, not only the first.
///
/// # Errors
/// Why it cannot be written.
pub fn read_row(
    cells: &[Cell],
    columns: &[Option<ImportColumn>],
    codes: Codes,
) -> Result<Wanted, Vec<Fault>> {
    let mut reader = Reader {
        cells,
        columns,
        faults: Vec::new(),
    };
    let family = reader.line(ImportColumn::FamilyName, text::NAME);
    let given = reader.line(ImportColumn::Name, text::NAME);
    let name = match (family, given) {
        (Some(family), Some(given)) => {
            reader.admit(ImportColumn::Name, text::NAME, &format!("{family} {given}"))
        }
        (None, given) => given,
        (Some(_), None) => None,
    };
    let wanted = Wanted {
        code: reader.code(codes),
        name,
        form_of_address: reader.line(ImportColumn::FormOfAddress, text::FORM_OF_ADDRESS),
        unit: reader.line(ImportColumn::Unit, text::TITLE),
        position: reader.line(ImportColumn::Position, text::POSITION),
        subject: reader.line(ImportColumn::Subject, text::POSITION),
        from: reader.day(ImportColumn::From),
        to: reader.day(ImportColumn::To),
    };
    if let (Some(from), Some(to)) = (&wanted.from, &wanted.to)
        && to < from
    {
        reader.faults.push(
            Fault::new(RowFaultCode::EndsBeforeItBegins)
                .with("from", from)
                .with("to", to),
        );
    }
    if reader.faults.is_empty() {
        Ok(wanted)
    } else {
        Err(reader.faults)
    }
}

struct Reader<'a> {
    cells: &'a [Cell],
    columns: &'a [Option<ImportColumn>],
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn cell(&mut self, column: ImportColumn) -> Option<Cell> {
        let at = self
            .columns
            .iter()
            .position(|known| *known == Some(column))?;
        let cell = self.cells.get(at)?;
        match cell {
            Cell::Merged(row) => {
                let fault = Fault::new(RowFaultCode::MergedCell).with("row", row);
                self.faults.push(fault.with("column", column.word()));
                None
            }
            Cell::Error(error) => {
                let fault = Fault::new(RowFaultCode::FormulaError).with("text", error);
                self.faults.push(fault.with("column", column.word()));
                None
            }
            cell => (!cell.is_empty()).then(|| cell.clone()),
        }
    }

    fn line(&mut self, column: ImportColumn, rule: text::Rule) -> Option<String> {
        let cell = self.cell(column)?;
        self.admit(column, rule, cell.text())
    }

    fn admit(&mut self, column: ImportColumn, rule: text::Rule, text: &str) -> Option<String> {
        if let Some(legacy) = legacy_of(text) {
            let fault = Fault::new(RowFaultCode::LegacyFont).with("font", legacy.name());
            let fault = fault.with("text", text::drawable(text, 80));
            self.faults.push(fault.with("column", column.word()));
            return None;
        }
        match rule.admit(text) {
            Ok(text) => Some(text),
            Err(text::TextFault::Empty) => None,
            Err(fault) => {
                let told = Fault::new(RowFaultCode::BadText).with("reason", fault.word());
                let told = told.with("limit", rule.max_chars);
                self.faults.push(told.with("column", column.word()));
                None
            }
        }
    }

    fn code(&mut self, codes: Codes) -> Option<String> {
        let code = self.line(ImportColumn::Code, text::KEY)?;
        let padded = |width: usize| is_short(&code, width).then(|| format!("{code:0>width$}"));
        match codes {
            Codes::Keep => Some(code),
            Codes::Pad(width) => Some(padded(width).unwrap_or(code)),
            Codes::Ask(width) => match padded(width) {
                None => Some(code),
                Some(padded) => {
                    let fault = Fault::new(RowFaultCode::LostZeros).with("code", &code);
                    self.faults.push(fault.with("padded", padded));
                    None
                }
            },
        }
    }

    fn day(&mut self, column: ImportColumn) -> Option<Day> {
        let cell = self.cell(column)?;
        let day = match &cell {
            Cell::Day(day) => days::parse(day),
            cell => days::read(cell.text()),
        };
        if day.is_none() {
            let fault = Fault::new(RowFaultCode::BadDay);
            let fault = fault.with("text", text::drawable(cell.text(), 40));
            self.faults.push(fault.with("column", column.word()));
        }
        day
    }
}

fn is_digits(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_short(code: &str, width: usize) -> bool {
    is_digits(code) && code.len() < width
}

/// Codes of digits that are shorter than most: how many, how long most are, and the first of them.
#[must_use]
pub fn short_codes<'a>(
    codes: impl Iterator<Item = &'a str> + Clone,
) -> Option<(usize, usize, &'a str)> {
    let digits = codes.filter(|code| is_digits(code));
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for code in digits.clone() {
        *lengths.entry(code.len()).or_default() += 1;
    }
    let (width, _) = lengths
        .into_iter()
        .max_by_key(|(length, count)| (*count, *length))?;
    let mut short = digits.filter(|code| code.len() < width);
    let first = short.next()?;
    Some((1 + short.count(), width, first))
}

/// The numbers of other rows that speak of the same person, for each row that has such: the first of them.
#[must_use]
pub fn twins<'a>(keys: impl Iterator<Item = (u32, &'a str)>) -> BTreeMap<u32, u32> {
    let mut rows: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, key) in keys {
        rows.entry(key).or_default().push(number);
    }
    let mut twins = BTreeMap::new();
    for numbers in rows.into_values().filter(|numbers| numbers.len() > 1) {
        for number in &numbers {
            let other = numbers.iter().find(|other| *other != number);
            twins.insert(*number, *other.unwrap_or(number));
        }
    }
    twins
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Option<ImportColumn>; 7] = [
        Some(ImportColumn::Code),
        Some(ImportColumn::Name),
        Some(ImportColumn::Unit),
        Some(ImportColumn::Position),
        Some(ImportColumn::From),
        Some(ImportColumn::To),
        None,
    ];

    fn read(texts: [&str; 7], codes: Codes) -> Result<Wanted, Vec<RowFaultCode>> {
        let cells = texts.map(Cell::of_text);
        let faults = |faults: Vec<Fault>| faults.into_iter().map(|fault| fault.code).collect();
        read_row(&cells, &ALL, codes).map_err(faults)
    }

    #[test]
    fn empty_cells_say_nothing_and_days_are_read_as_they_are_typed() {
        let wanted = read(
            ["", " Lô  Thị Hằng ", "", "", "1/9/2026", "", "x"],
            Codes::Keep,
        )
        .unwrap();
        assert_eq!(wanted.name.as_deref(), Some("Lô Thị Hằng"));
        assert_eq!(wanted.from, Some(Day("2026-09-01".to_owned())));
        assert_eq!((wanted.code, wanted.unit, wanted.to), (None, None, None));
    }

    #[test]
    fn every_fault_of_a_row_is_told() {
        let faults = read(
            ["1", "NguyÔn V¨n A", "TH", "x", "31/02/1985", "1/1/85", ""],
            Codes::Keep,
        );
        assert_eq!(
            faults.unwrap_err(),
            [
                RowFaultCode::LegacyFont,
                RowFaultCode::BadDay,
                RowFaultCode::BadDay
            ]
        );
        let order = read(
            ["1", "A", "TH", "x", "01/09/2026", "31/08/2026", ""],
            Codes::Keep,
        );
        assert_eq!(order.unwrap_err(), [RowFaultCode::EndsBeforeItBegins]);
        let cells = [
            Cell::Text("1".to_owned()),
            Cell::Error("#N/A".to_owned()),
            Cell::Merged(238),
        ];
        let faults = read_row(&cells, &ALL, Codes::Keep).unwrap_err();
        let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(
            codes,
            [RowFaultCode::FormulaError, RowFaultCode::MergedCell]
        );
        assert_eq!(faults[1].params["row"], "238");
    }

    #[test]
    fn lost_zeros_are_told_and_asked_about() {
        let codes = ["0031", "1200", "31", "0044", "GV-1"];
        assert_eq!(short_codes(codes.into_iter()), Some((1, 4, "31")));
        assert_eq!(short_codes(["1", "A"].into_iter()), None);
        let row = ["31", "A", "TH", "x", "", "", ""];
        assert_eq!(
            read(row, Codes::Ask(4)).unwrap_err(),
            [RowFaultCode::LostZeros]
        );
        assert_eq!(
            read(row, Codes::Pad(4)).unwrap().code.as_deref(),
            Some("0031")
        );
        assert_eq!(read(row, Codes::Keep).unwrap().code.as_deref(), Some("31"));
    }

    #[test]
    fn rows_with_one_key_name_each_other() {
        let found = twins([(5, "c1"), (6, "c2"), (9, "c1"), (12, "c1")].into_iter());
        assert_eq!(found, BTreeMap::from([(5, 9), (9, 5), (12, 5)]));
    }

    #[test]
    fn quotation_mark_before_a_formula_is_no_part_of_the_text() {
        assert_eq!(Cell::of_text("'=1+1"), Cell::Text("=1+1".to_owned()));
        assert_eq!(
            Cell::of_text("+84912345678"),
            Cell::Text("+84912345678".to_owned())
        );
        assert_eq!(Cell::of_text("'H"), Cell::Text("'H".to_owned()));
    }
}
