//! OneRoster 1.1 and 1.2, the CSV files in an archive that school systems hand each other (1EdTech, "OneRoster CSV Format"):
//! its staff as rows of a list of people. Pupils and their families are nobody of ours; a row that its system is about to
//! delete is passed over, since an import deletes nobody.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read, Seek};

use office_core::people_import::{Cell, names_of};
use protocol::api::ImportColumn;
use zip::ZipArchive;

use super::{FileFault, MAX_ROWS, Table, cell_of};

const USERS: &str = "users.csv";
const ORGS: &str = "orgs.csv";
/// Since 1.2, what somebody is stands here and not beside the user.
const ROLES: &str = "roles.csv";

/// Pupils stand among the staff: the most lines of a file, of which at most [`MAX_ROWS`] may be staff.
const MAX_LINES: usize = 500_000;

/// What staff are, by the words of both versions.
const STAFF: [(&str, &str); 10] = [
    ("teacher", "Giáo viên"),
    ("principal", "Hiệu trưởng"),
    ("aide", "Nhân viên"),
    ("counselor", "Nhân viên tư vấn"),
    ("proctor", "Giám thị"),
    ("administrator", "Cán bộ quản lý"),
    ("siteadministrator", "Cán bộ quản lý"),
    ("districtadministrator", "Cán bộ quản lý"),
    ("systemadministrator", "Cán bộ quản lý"),
    ("sysadmin", "Cán bộ quản lý"),
];

/// Whether an archive is one of these and no workbook.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| name_in(&archive, USERS).is_some())
}

/// Its staff, in the columns of the template. Row numbers are those of `users.csv`.
///
/// # Errors
/// When the archive breaks off, has a file that is no table, or more staff than is taken. What it unpacks to is bounded by
/// the caller.
pub(super) fn read(bytes: &[u8]) -> Result<Table, FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileFault::Damaged)?;
    let units = units(&lines(&mut archive, ORGS)?);
    let roles = roles(&lines(&mut archive, ROLES)?);
    let header = names_of().map(|(_, name)| cell_of(name));
    let (mut rows, mut staff) = (vec![header.to_vec()], 0);
    for user in lines(&mut archive, USERS)? {
        let row = person(&user, &roles, &units);
        staff += usize::from(row.is_some());
        if staff >= MAX_ROWS {
            return Err(FileFault::TooMuch);
        }
        rows.push(row.unwrap_or_default());
    }
    Ok(Table {
        sheet: Some(USERS.to_owned()),
        rows,
    })
}

/// A line of a file by the names of its columns, in lower case.
type Line = HashMap<String, String>;

fn of<'a>(line: &'a Line, column: &str) -> &'a str {
    line.get(column).map_or("", String::as_str)
}

fn is_to_go(line: &Line) -> bool {
    of(line, "status").eq_ignore_ascii_case("tobedeleted")
}

/// The path of a file, which may lie in a folder of the archive.
fn name_in<R: Read + Seek>(archive: &ZipArchive<R>, file: &str) -> Option<String> {
    let named = |path: &String| {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        name.eq_ignore_ascii_case(file)
    };
    let mut paths = archive.file_names().flatten().map(Cow::into_owned);
    paths.find(named)
}

/// The lines of a file; none when the archive has no such file.
fn lines<R: Read + Seek>(archive: &mut ZipArchive<R>, file: &str) -> Result<Vec<Line>, FileFault> {
    let Some(path) = name_in(archive, file) else {
        return Ok(Vec::new());
    };
    let entry = archive.by_name(&path).map_err(|_| FileFault::Damaged)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(entry);
    let names = reader.headers().map_err(|_| FileFault::Damaged)?.clone();
    let names: Vec<String> = names
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase())
        .collect();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| FileFault::Damaged)?;
        if lines.len() == MAX_LINES {
            return Err(FileFault::TooMuch);
        }
        let cells = record.iter().map(|cell| cell.trim().to_owned());
        lines.push(names.iter().cloned().zip(cells).collect());
    }
    Ok(lines)
}

/// How our tree knows the units of the file: by their codes there, else by their names.
fn units(orgs: &[Line]) -> BTreeMap<String, String> {
    let known = orgs.iter().filter(|org| !is_to_go(org)).map(|org| {
        let unit = match of(org, "identifier") {
            "" => of(org, "name"),
            code => code,
        };
        (of(org, "sourcedid").to_owned(), unit.to_owned())
    });
    known.collect()
}

/// What somebody is, where and when.
#[derive(Debug, Clone)]
struct Role {
    position: &'static str,
    org: String,
    from: String,
    to: String,
}

fn position(role: &str) -> Option<&'static str> {
    let role = role.to_lowercase();
    let known = STAFF.iter().find(|(word, _)| *word == role);
    known.map(|(_, position)| *position)
}

/// What each user is: the primary role among those of staff, else the first.
fn roles(lines: &[Line]) -> BTreeMap<String, Role> {
    let mut roles: BTreeMap<String, (bool, Role)> = BTreeMap::new();
    for line in lines.iter().filter(|line| !is_to_go(line)) {
        let Some(position) = position(of(line, "role")) else {
            continue;
        };
        let is_primary = of(line, "roletype").eq_ignore_ascii_case("primary");
        let role = Role {
            position,
            org: of(line, "orgsourcedid").to_owned(),
            from: of(line, "begindate").to_owned(),
            to: of(line, "enddate").to_owned(),
        };
        let user = of(line, "usersourcedid").to_owned();
        let known = roles.get(&user);
        if known.is_none_or(|(primary, _)| is_primary && !primary) {
            roles.insert(user, (is_primary, role));
        }
    }
    let roles = roles.into_iter();
    roles.map(|(user, (_, role))| (user, role)).collect()
}

/// Somebody of the staff as a row; none for anybody else.
fn person(
    user: &Line,
    roles: &BTreeMap<String, Role>,
    units: &BTreeMap<String, String>,
) -> Option<Vec<Cell>> {
    if is_to_go(user) {
        return None;
    }
    let id = of(user, "sourcedid");
    let role = match roles.get(id) {
        Some(role) => role.clone(),
        None => Role {
            position: position(of(user, "role"))?,
            org: [of(user, "primaryorgsourcedid"), of(user, "orgsourcedids")]
                .into_iter()
                .flat_map(|orgs| orgs.split(','))
                .map(str::trim)
                .find(|org| !org.is_empty())?
                .to_owned(),
            from: String::new(),
            to: String::new(),
        },
    };
    // Family name first, as names are written in Viet Nam.
    let name = ["familyname", "middlename", "givenname"].map(|part| of(user, part));
    let name = name
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let code = match of(user, "identifier") {
        "" => id,
        code => code,
    };
    let unit = units
        .get(&role.org)
        .map_or(role.org.as_str(), String::as_str);
    let cell = |column| match column {
        ImportColumn::Code => cell_of(code),
        ImportColumn::Name => cell_of(&name),
        ImportColumn::Unit => cell_of(unit),
        ImportColumn::Position => cell_of(role.position),
        ImportColumn::From => cell_of(&role.from),
        ImportColumn::To => cell_of(&role.to),
        ImportColumn::FamilyName | ImportColumn::FormOfAddress | ImportColumn::Subject => {
            Cell::Empty
        }
    };
    Some(names_of().map(|(column, _)| cell(column)).to_vec())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const ORGS_OF_BOTH: &str = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n\
        o-1,,,Trường TH Mường Típ,school,TH-MT,\n\
        o-2,,,Trường THCS Mường Xén,school,,\n";
    const USERS_OF_1_1: &str = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,\
        familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n\
        u-1,,,true,\"o-1,o-2\",teacher,duc.do,,Đức,Đỗ,,0401,,,,,,\n\
        u-2,,,true,o-1,student,an.lo,,An,Lô,Văn,,,,,,4,\n\
        u-3,active,,false,o-2,principal,hang.lo,,Hằng,Lô,Thị,,,,,,,\n\
        u-4,tobedeleted,,true,o-1,teacher,gone,,Đi,Vi,,0404,,,,,,\n";

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// Code, name, unit, position and both days of each row that has any.
    fn told(bytes: &[u8]) -> Vec<(usize, String)> {
        let table = super::super::read(bytes).unwrap();
        let rows = (1..).zip(&table.rows).skip(1);
        rows.filter(|(_, row)| !row.is_empty())
            .map(|(number, row)| {
                let cells: Vec<_> = row.iter().map(Cell::text).collect();
                (number, cells.join("|"))
            })
            .collect()
    }

    #[test]
    fn staff_of_1_1_are_rows_of_a_list_with_names_in_our_order() {
        let files = [("users.csv", USERS_OF_1_1), ("orgs.csv", ORGS_OF_BOTH)];
        assert_eq!(
            told(&archive(&files)),
            [
                (2, "0401|Đỗ Đức||TH-MT|Giáo viên|||".to_owned()),
                (
                    4,
                    "u-3|Lô Thị Hằng||Trường THCS Mường Xén|Hiệu trưởng|||".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn staff_of_1_2_are_what_their_primary_role_says_and_since_when() {
        let users = "\u{feff}sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,\
            identifier,primaryOrgSourcedId\n\
            u-1,,,true,duc.do,,Đức,Đỗ,,0401,o-2\nu-2,,,true,an.lo,,An,Lô,Văn,,o-1\n";
        let roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n\
            r-1,,,u-1,secondary,aide,,,o-2\nr-2,,,u-1,primary,teacher,2026-09-01,2027-05-31,o-1\n\
            r-3,,,u-2,primary,student,,,o-1\n";
        let files = [
            ("bulk/users.csv", users),
            ("bulk/orgs.csv", ORGS_OF_BOTH),
            ("bulk/Roles.csv", roles),
        ];
        assert_eq!(
            told(&archive(&files)),
            [(
                2,
                "0401|Đỗ Đức||TH-MT|Giáo viên||2026-09-01|2027-05-31".to_owned()
            )]
        );
    }

    #[test]
    fn archive_that_breaks_off_or_holds_no_text_is_refused() {
        let whole = archive(&[("users.csv", USERS_OF_1_1), ("orgs.csv", ORGS_OF_BOTH)]);
        for end in [whole.len() / 2, whole.len() - 30] {
            assert_eq!(
                super::super::read(&whole[..end]),
                Err(FileFault::Damaged),
                "{end}"
            );
        }
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file("users.csv", SimpleFileOptions::default())
            .unwrap();
        writer.write_all(b"sourcedId,role\nu-1,\xff\xfe\n").unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert_eq!(super::super::read(&bytes), Err(FileFault::Damaged));
    }
}
