//! Which column is what, by the names that Vietnamese offices give them.

use protocol::api::ImportColumn;

use super::rows::Cell;
use crate::text::fold;

/// The header is looked for in so many rows: titles, an emblem and an empty line stand above it.
const HEADER_WITHIN: usize = 30;
/// A row with fewer columns that are recognised is no header.
const LEAST_RECOGNISED: usize = 2;

/// The names of a column, folded and without anything but letters and digits.
const NAMES: [(ImportColumn, &[&str]); 9] = [
    (
        ImportColumn::Code,
        &[
            "ma",
            "ma so",
            "ma nguoi",
            "ma gv",
            "ma giao vien",
            "ma can bo",
            "ma cb",
            "ma cbgv",
            "ma nhan su",
            "ma nv",
            "ma nhan vien",
            "ma vien chuc",
            "ma dinh danh",
            "ma dinh danh ca nhan",
            "so hieu",
            "code",
        ],
    ),
    (
        ImportColumn::FamilyName,
        &[
            "ho",
            "ho dem",
            "ho va dem",
            "ho lot",
            "ho va ten dem",
            "ho ten dem",
            "ho va chu dem",
        ],
    ),
    (
        ImportColumn::Name,
        &[
            "ho ten",
            "ho va ten",
            "ten",
            "ten day du",
            "ho ten giao vien",
            "ho va ten giao vien",
            "ho ten can bo",
            "ho va ten can bo",
            "ho ten gv",
            "full name",
            "name",
        ],
    ),
    (
        ImportColumn::FormOfAddress,
        &["danh xung", "xung ho", "ong ba", "cach xung ho"],
    ),
    (
        ImportColumn::Unit,
        &[
            "don vi",
            "ma don vi",
            "ten don vi",
            "don vi cong tac",
            "noi cong tac",
            "truong",
            "ten truong",
            "ma truong",
            "co quan",
            "unit",
        ],
    ),
    (
        ImportColumn::Position,
        &[
            "chuc vu",
            "chuc danh",
            "vi tri",
            "vi tri viec lam",
            "nhiem vu",
            "position",
        ],
    ),
    (
        ImportColumn::Subject,
        &[
            "mon",
            "mon day",
            "mon giang day",
            "day mon",
            "bo mon",
            "subject",
        ],
    ),
    (
        ImportColumn::From,
        &[
            "tu ngay",
            "ngay vao",
            "ngay bat dau",
            "ngay bo nhiem",
            "ngay nhan viec",
            "from",
        ],
    ),
    (
        ImportColumn::To,
        &["den ngay", "ngay thoi", "ngay ket thuc", "ngay nghi", "to"],
    ),
];

/// The row that names the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Where it stands among the rows.
    pub at: usize,
    /// What each of its cells names.
    pub columns: Vec<Option<ImportColumn>>,
}

/// The header among the first rows: the one that names most, and a name among them.
#[must_use]
pub fn find_header(rows: &[Vec<Cell>]) -> Option<Header> {
    let candidates = rows.iter().take(HEADER_WITHIN).enumerate();
    let headers = candidates.map(|(at, cells)| Header {
        at,
        columns: recognise(cells),
    });
    let mut best: Option<(usize, Header)> = None;
    for header in headers {
        let recognised = header.columns.iter().flatten().count();
        let named = header.columns.contains(&Some(ImportColumn::Name));
        if named
            && recognised >= LEAST_RECOGNISED
            && best.as_ref().is_none_or(|(most, _)| recognised > *most)
        {
            best = Some((recognised, header));
        }
    }
    best.map(|(_, header)| header)
}

/// What each cell names; each column once, by the first that names it.
fn recognise(cells: &[Cell]) -> Vec<Option<ImportColumn>> {
    let mut taken = Vec::new();
    cells
        .iter()
        .map(|cell| {
            let name = plain(cell.text());
            let (column, _) = NAMES.iter().find(|(column, names)| {
                names.contains(&name.as_str()) && !taken.contains(column)
            })?;
            taken.push(*column);
            Some(*column)
        })
        .collect()
}

/// Folded, and blanks for whatever is neither letter nor digit: "Họ và tên (*)" is "ho va ten".
fn plain(text: &str) -> String {
    let letters = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let folded: String = fold(text).chars().map(letters).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a template names the columns, in their order.
#[must_use]
pub const fn names_of() -> [(ImportColumn, &'static str); 8] {
    [
        (ImportColumn::Code, "Mã"),
        (ImportColumn::Name, "Họ và tên"),
        (ImportColumn::FormOfAddress, "Danh xưng"),
        (ImportColumn::Unit, "Đơn vị"),
        (ImportColumn::Position, "Chức vụ"),
        (ImportColumn::Subject, "Môn dạy"),
        (ImportColumn::From, "Từ ngày"),
        (ImportColumn::To, "Đến ngày"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(|text| Cell::of_text(text)).collect()
    }

    #[test]
    fn header_is_found_below_titles_and_by_any_spelling() {
        let rows = [
            row(&["SỞ GIÁO DỤC VÀ ĐÀO TẠO"]),
            row(&[]),
            row(&[
                "TT",
                "Mã GV",
                "HỌ VÀ TÊN (*)",
                "Ðơn vị",
                "Chức danh",
                "Môn giảng dạy",
                "Từ ngày",
                "Ghi chú",
            ]),
            row(&[
                "1",
                "001",
                "Lô Thị Hằng",
                "TH-15",
                "Giáo viên",
                "Toán",
                "1/9/2026",
                "",
            ]),
        ];
        let header = find_header(&rows).unwrap();
        assert_eq!(header.at, 2);
        assert_eq!(header.columns[1], Some(ImportColumn::Code));
        assert_eq!(header.columns[2], Some(ImportColumn::Name));
        assert_eq!(header.columns[4], Some(ImportColumn::Position));
        assert_eq!(header.columns[5], Some(ImportColumn::Subject));
        assert_eq!((header.columns[0], header.columns[7]), (None, None));
    }

    #[test]
    fn column_is_taken_once_and_a_list_without_names_has_no_header() {
        let header = find_header(&[row(&["Họ tên", "Đơn vị", "Mã đơn vị"])]).unwrap();
        assert_eq!(
            header.columns,
            [Some(ImportColumn::Name), Some(ImportColumn::Unit), None]
        );
        assert_eq!(find_header(&[row(&["Mã", "Đơn vị"])]), None);
        assert_eq!(find_header(&[row(&["Tên"])]), None);
    }

    #[test]
    fn template_is_recognised_whole() {
        let names = names_of();
        let cells = row(&names.map(|(_, name)| name));
        let header = find_header(&[cells]).unwrap();
        assert_eq!(header.columns, names.map(|(column, _)| Some(column)));
    }
}
