//! The demonstration province: an invented department with its communes and schools, people, one meeting that begins
//! at seeding and lasts eight hours, and one training class. Everything goes through what the domains offer, as real data do.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, ensure};
use protocol::UtcMicros;
use protocol::api::{AccountRole, ClassModule, LinkPurpose, ModuleMode, Secrecy};
use protocol::client::{Preset, SessionKind, SessionRole};
use protocol::{AccountId, Day, PersonId, PointId, SessionId, UnitId};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::access::{Permit, Reason};
use crate::org::accounts::actions::{EVERYWHERE, NewAccount, add};
use crate::org::points::{NewPoint, NewRoom, Relation};
use crate::org::units::{NewVersion, Org};
use crate::org::{people, points, units};
use crate::platform::clock::{day, days, hours};
use crate::platform::config::Sessions;
use crate::platform::database::Tx;
use crate::platform::secret::Secret;
use crate::platform::settings;
use crate::schedule::admission::SessionView;
use crate::schedule::links::actions::{self as links, NewLink};
use crate::schedule::sessions::NewSession;
use crate::schedule::sessions::actions::{self, Convener};
use crate::schedule::{classes, sessions};

pub mod large;

/// What `demo` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoInfo {
    /// The accounts.
    pub accounts: Vec<DemoAccount>,
    /// Code of the meeting that runs.
    pub session_code: String,
    /// A joining link of it, for a guest.
    pub join_url: String,
}

/// A demonstration account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    /// Login.
    pub login: String,
    /// Password.
    pub password: String,
    /// Role.
    pub role: AccountRole,
    /// Code of the bridge point where the person works.
    pub bridge_point: Option<String>,
}

/// Where the passwords and the link are kept, so that they can be told again; for the owner of the folder alone.
const FILE: &str = "demo.json";
/// The setting that says the province is there.
const SETTING: &str = "demo";
/// The first day of the province's tree.
const BEGINNING: &str = "2020-01-01";
/// The last day of the district offices, and the first of the communes that took over from them.
const DISTRICTS_END: &str = "2025-06-30";
const COMMUNES_BEGIN: &str = "2025-07-01";

const DEPARTMENT: (&str, &str) = ("SGD", "Sở Giáo dục và Đào tạo tỉnh Lam Thủy");
const DISTRICTS: [(&str, &str); 3] = [
    ("PGD-TS", "Phòng Giáo dục và Đào tạo huyện Thạch Sơn"),
    ("PGD-HG", "Phòng Giáo dục và Đào tạo huyện Hồng Giang"),
    ("PGD-VC", "Phòng Giáo dục và Đào tạo huyện Vân Châu"),
];

/// A commune, the district it took over from, and its schools.
struct Commune {
    code: &'static str,
    name: &'static str,
    district: usize,
    schools: [(&'static str, &'static str); 2],
}

const COMMUNES: [Commune; 7] = [
    Commune {
        code: "XA-TS",
        name: "UBND xã Thạch Sơn",
        district: 0,
        schools: [
            ("TH-TS1", "Trường Tiểu học Thạch Sơn"),
            ("CS-TS1", "Trường THCS Thạch Sơn"),
        ],
    },
    Commune {
        code: "XA-MK",
        name: "UBND xã Mường Khê",
        district: 0,
        schools: [
            ("BT-MK1", "Trường PTDTBT THCS Mường Khê"),
            ("TH-MK1", "Trường Tiểu học Nậm Lay"),
        ],
    },
    Commune {
        code: "XA-BL",
        name: "UBND xã Bản Lầu",
        district: 0,
        schools: [
            ("BT-BL1", "Trường PTDTBT Tiểu học Bản Lầu"),
            ("CS-BL1", "Trường THCS Bản Lầu"),
        ],
    },
    Commune {
        code: "XA-HG",
        name: "UBND xã Hồng Giang",
        district: 1,
        schools: [
            ("PT-HG1", "Trường THPT Hồng Giang"),
            ("CS-HG1", "Trường THCS Hồng Giang"),
        ],
    },
    Commune {
        code: "XA-YT",
        name: "UBND xã Yên Thịnh",
        district: 1,
        schools: [
            ("TH-YT1", "Trường Tiểu học Yên Thịnh"),
            ("MN-YT1", "Trường Mầm non Hoa Sen"),
        ],
    },
    Commune {
        code: "PH-VC",
        name: "UBND phường Vân Châu",
        district: 2,
        schools: [
            ("PT-VC1", "Trường THPT chuyên Vân Châu"),
            ("TH-VC1", "Trường Tiểu học Lê Lợi"),
        ],
    },
    Commune {
        code: "XA-DH",
        name: "UBND xã Đông Hải",
        district: 2,
        schools: [
            ("CS-DH1", "Trường THCS Đông Hải"),
            ("GX-DH1", "Trung tâm GDNN-GDTX Đông Hải"),
        ],
    },
];

const FAMILY_NAMES: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Lô", "Vi", "Lương", "Đặng", "Bùi", "Đỗ", "Hà", "Ngô",
    "Dương", "Cao", "Đinh",
];
const MIDDLE_NAMES: [&str; 9] = [
    "Thị", "Văn", "Minh", "Thanh", "Hồng", "Đức", "Ngọc", "Quốc", "Thu",
];
const GIVEN_NAMES: [&str; 25] = [
    "An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hà", "Hải", "Hằng", "Hiền", "Hoài", "Hùng",
    "Khánh", "Lan", "Linh", "Mai", "Nam", "Oanh", "Phúc", "Quỳnh", "Sơn", "Thảo", "Trang", "Tuấn",
    "Yến",
];
const POSITIONS: [&str; 5] = [
    "Lãnh đạo đơn vị",
    "Phó lãnh đạo đơn vị",
    "Chuyên viên, tổ trưởng",
    "Giáo viên, cán bộ",
    "Cán bộ kỹ thuật điểm cầu",
];

/// Seeds the province, once; seeding again tells the same accounts and the same link. `public_url` begins the link, also
/// when the server has moved since.
///
/// # Errors
/// When the database holds other data already, or the folder cannot be written.
pub async fn seed(
    store: &Store,
    data_dir: &Path,
    public_url: &str,
    now: UtcMicros,
) -> anyhow::Result<DemoInfo> {
    let mut tx = store.write().await?;
    if settings::of_year(&mut tx, SETTING, 0).await?.is_some() {
        return read(data_dir, public_url);
    }
    ensure!(
        Org::default().tree(&mut tx, &day(now)).await?.is_empty(),
        "this database holds other data already; seed the demonstration into a folder of its own"
    );
    let province = Province::build(&mut tx, now).await?;
    let accounts = accounts(&mut tx, &province, now).await?;
    let (session_code, secret) = meeting(&mut tx, &province, &accounts, now).await?;
    training(&mut tx, &province, &accounts, now).await?;
    settings::set(&mut tx, SETTING, 0, "true").await?;
    let info = DemoInfo {
        accounts: accounts.into_iter().map(|account| account.shown).collect(),
        session_code,
        join_url: format!("{public_url}/j/{}", secret.expose()),
    };
    // First the file, then the rows: without the rows the file is written anew, without the file nobody could sign in.
    crate::platform::tls::write(
        &data_dir.join(FILE),
        &serde_json::to_string_pretty(&info)?,
        0o600,
    )?;
    tx.commit().await?;
    Ok(info)
}

fn read(data_dir: &Path, public_url: &str) -> anyhow::Result<DemoInfo> {
    let file = data_dir.join(FILE);
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            anyhow::bail!(
                "the province is seeded, but {} with its passwords is gone",
                file.display()
            )
        }
        result => result.with_context(|| format!("cannot read {}", file.display()))?,
    };
    let mut info: DemoInfo = serde_json::from_str(&text)
        .with_context(|| format!("{} is not understood", file.display()))?;
    if let Some((_, secret)) = info.join_url.rsplit_once("/j/") {
        info.join_url = format!("{public_url}/j/{secret}");
    }
    Ok(info)
}

/// A seeded bridge point.
struct Place {
    point: PointId,
    code: String,
    unit_code: &'static str,
    /// Its people, the head of the unit first, the technician last.
    people: Vec<Person>,
}

struct Person {
    id: PersonId,
    name: String,
}

/// The seeded tree and its points, the main one first, then the communes', then the schools'.
struct Province {
    department: UnitId,
    places: Vec<Place>,
}

impl Province {
    async fn build(tx: &mut Tx, now: UtcMicros) -> anyhow::Result<Self> {
        let department = units::insert(tx, DEPARTMENT.0, now).await?;
        version(
            tx,
            department,
            DEPARTMENT.1,
            "department",
            None,
            (BEGINNING, None),
        )
        .await?;
        let mut districts = Vec::new();
        for (code, name) in DISTRICTS {
            let id = units::insert(tx, code, now).await?;
            let days = (BEGINNING, Some(DISTRICTS_END));
            version(tx, id, name, "district_office", Some(department), days).await?;
            districts.push(id);
        }
        let mut names = Names(0);
        let mut province = Self {
            department,
            places: Vec::new(),
        };
        let main = (DEPARTMENT.0, DEPARTMENT.1, department);
        province
            .place(tx, &mut names, main, &[(department, BEGINNING, None)], now)
            .await?;
        let mut schools = Vec::new();
        for (index, commune) in COMMUNES.iter().enumerate() {
            let id = units::insert(tx, commune.code, now).await?;
            let days = (COMMUNES_BEGIN, None);
            version(tx, id, commune.name, "commune_unit", Some(department), days).await?;
            let district = districts[commune.district];
            units::insert_succession(tx, district, Some(id), "split", &date(COMMUNES_BEGIN))
                .await?;
            // The first commune of a district took over the district's point; the others got one of their own.
            let first = COMMUNES.iter().position(|c| c.district == commune.district) == Some(index);
            let hosts: &[_] = if first {
                &[
                    (district, BEGINNING, Some(DISTRICTS_END)),
                    (id, COMMUNES_BEGIN, None),
                ]
            } else {
                &[(id, COMMUNES_BEGIN, None)]
            };
            province
                .place(tx, &mut names, (commune.code, commune.name, id), hosts, now)
                .await?;
            for (code, name) in commune.schools {
                let school = units::insert(tx, code, now).await?;
                let before = (BEGINNING, Some(DISTRICTS_END));
                version(tx, school, name, "school", Some(district), before).await?;
                version(tx, school, name, "school", Some(id), (COMMUNES_BEGIN, None)).await?;
                schools.push((code, name, school));
            }
        }
        for school in schools {
            let hosts = [(school.2, BEGINNING, None)];
            province.place(tx, &mut names, school, &hosts, now).await?;
        }
        Ok(province)
    }

    /// Adds the bridge point of a unit, its room, and its people.
    async fn place(
        &mut self,
        tx: &mut Tx,
        names: &mut Names,
        (unit_code, unit_name, unit_id): (&'static str, &str, UnitId),
        hosts: &[(UnitId, &str, Option<&str>)],
        now: UtcMicros,
    ) -> anyhow::Result<()> {
        let number = self.places.len() + 1;
        let code = format!("DC-{number:02}");
        let name = short_name(unit_name);
        let new = NewPoint {
            code: &code,
            name: &name,
            main: number == 1,
            number: i64::try_from(number)?,
        };
        let point = points::insert(tx, new, now).await?;
        for (unit, from, to) in hosts {
            let (from, to) = (date(from), to.map(date));
            points::insert_unit(tx, point, *unit, Relation::Host, &from, to.as_ref()).await?;
        }
        let room = NewRoom {
            point,
            code: &format!("PH-{number:02}"),
            name: &format!("Phòng họp trực tuyến {name}"),
            seats: if number == 1 { 80 } else { 24 },
            // Every third room is used for ordinary meetings too.
            dual_use: number.is_multiple_of(3),
        };
        points::insert_room(tx, room).await?;
        let mut people = Vec::new();
        for position in POSITIONS {
            let name = names.next();
            let address = if name.contains(" Thị ") || name.contains(" Thu ") {
                "Bà"
            } else {
                "Ông"
            };
            let id = people::insert(tx, &name, Some(address), now).await?;
            people::appoint(tx, id, unit_id, position, &date(COMMUNES_BEGIN)).await?;
            people.push(Person { id, name });
        }
        self.places.push(Place {
            point,
            code,
            unit_code,
            people,
        });
        Ok(())
    }
}

async fn version(
    tx: &mut Tx,
    unit: UnitId,
    name: &str,
    kind: &str,
    parent: Option<UnitId>,
    (from, to): (&str, Option<&str>),
) -> anyhow::Result<()> {
    let to = to.map(date);
    let version = NewVersion {
        unit,
        name,
        kind,
        parent,
        from: &date(from),
        to: to.as_ref(),
    };
    Ok(units::insert_version(tx, version).await?)
}

fn date(text: &str) -> Day {
    Day(text.to_owned())
}

/// How a point is called on a plate: without what every unit's name begins with.
fn short_name(unit: &str) -> String {
    if unit == DEPARTMENT.1 {
        return "Sở GD&ĐT".to_owned();
    }
    ["UBND ", "Trường ", "Trung tâm "]
        .iter()
        .find_map(|prefix| unit.strip_prefix(prefix))
        .map_or_else(
            || unit.to_owned(),
            |rest| {
                let mut letters = rest.chars();
                letters
                    .next()
                    .map(|first| first.to_uppercase().chain(letters).collect())
                    .unwrap_or_default()
            },
        )
}

/// Makes up names, each once: the three lists have lengths without a common factor.
struct Names(usize);

impl Names {
    fn next(&mut self) -> String {
        let n = self.0;
        self.0 += 1;
        format!(
            "{} {} {}",
            FAMILY_NAMES[n % FAMILY_NAMES.len()],
            MIDDLE_NAMES[n % MIDDLE_NAMES.len()],
            GIVEN_NAMES[n % GIVEN_NAMES.len()]
        )
    }
}

struct Account {
    id: AccountId,
    shown: DemoAccount,
}

/// One account of each kind at the department, one unit administrator, and a technician at every other point.
async fn accounts(
    tx: &mut Tx,
    province: &Province,
    now: UtcMicros,
) -> anyhow::Result<Vec<Account>> {
    let department = &province.places[0];
    let mut wanted = vec![
        (
            "chutri".to_owned(),
            department,
            0,
            AccountRole::DepartmentAdmin,
        ),
        ("thuky".to_owned(), department, 1, AccountRole::UnitAdmin),
        ("giangvien".to_owned(), department, 2, AccountRole::Trainer),
        ("chuyenvien".to_owned(), department, 3, AccountRole::Member),
        ("kythuat".to_owned(), department, 4, AccountRole::ItStaff),
        (
            "quantri.xa".to_owned(),
            &province.places[1],
            0,
            AccountRole::UnitAdmin,
        ),
    ];
    for place in &province.places[1..] {
        let login = place.code.to_lowercase().replace("dc-", "diemcau");
        wanted.push((login, place, 4, AccountRole::Member));
    }
    let tree = Org::default().tree(tx, &day(now)).await?;
    let permit = Permit::system(Reason::CommandLine, EVERYWHERE);
    let mut made = Vec::new();
    for (login, place, index, role) in wanted {
        let who = &place.people[index];
        let account = NewAccount {
            login: &login,
            name: &who.name,
            role,
            unit: place.unit_code,
            person: Some(who.id),
        };
        let (id, password) = add(tx, &permit, &tree, account, now).await?;
        made.push(Account {
            id,
            shown: DemoAccount {
                login,
                password,
                role,
                bridge_point: Some(place.code.clone()),
            },
        });
    }
    Ok(made)
}

fn account_of(accounts: &[Account], login: &str) -> Option<AccountId> {
    accounts
        .iter()
        .find(|account| account.shown.login == login)
        .map(|account| account.id)
}

/// The meeting that begins at seeding, with all points, and a link for a guest who presents.
async fn meeting(
    tx: &mut Tx,
    province: &Province,
    accounts: &[Account],
    now: UtcMicros,
) -> anyhow::Result<(String, Secret)> {
    let today = day(now);
    let code = format!("GB-{}{}", &today.0[5..7], &today.0[8..10]);
    let ends_at = now.plus(hours(8));
    let points: Vec<PointId> = province.places.iter().map(|place| place.point).collect();
    let id = plan(
        tx,
        province.department,
        NewSession {
            code: &code,
            title: "Họp giao ban triển khai nhiệm vụ năm học",
            kind: SessionKind::Briefing,
            preset: Preset::Discussion,
            secrecy: Secrecy::Normal,
            convening_unit: province.department,
            chair: account_of(accounts, "chutri"),
            secretary: account_of(accounts, "thuky"),
            class: None,
            starts_at: now,
            ends_at,
            auto_record: false,
            keep_days: Some(731),
            guests_may_replay: false,
            max_interactive: 60,
            max_receive_only: 1_000,
            created_by: account_of(accounts, "chutri"),
            points: &points,
        },
        now,
    )
    .await?;
    let session = sessions::by_id(tx, id).await?.context("it was just made")?;
    let tree = Org::default().tree(tx, &today).await?;
    let view = SessionView::of_nobody(tx, &tree, session, now).await?;
    let link = NewLink {
        purpose: LinkPurpose::Join,
        role: SessionRole::Presenter,
        point: None,
        login: None,
        name: None,
    };
    let permit = Permit::system(Reason::CommandLine, view);
    let made = links::create(tx, &permit, link, &Sessions::default(), now).await?;
    Ok((code, made.secret))
}

/// Puts a session into the schedule in the name of `unit`.
async fn plan(
    tx: &mut Tx,
    unit: UnitId,
    session: NewSession<'_>,
    now: UtcMicros,
) -> anyhow::Result<SessionId> {
    let tree = Org::default().tree(tx, &day(now)).await?;
    let permit = Permit::system(Reason::CommandLine, Convener::new(unit, &tree));
    Ok(actions::plan(tx, &permit, session, now).await?)
}

/// The training class: four modules, trainees of every school, a lesson a week ago and one tomorrow.
async fn training(
    tx: &mut Tx,
    province: &Province,
    accounts: &[Account],
    now: UtcMicros,
) -> anyhow::Result<()> {
    let trainer = account_of(accounts, "giangvien");
    let year: i64 = day(now).0[..4].parse()?;
    let id = classes::insert(
        tx,
        &format!("TH-{year}-01"),
        "Bồi dưỡng giáo viên: dạy học kết hợp và học liệu số",
        province.department,
        year,
        now,
    )
    .await?;
    let modules = [
        ("Tổ chức lớp học kết hợp", 4.0, ModuleMode::Live),
        ("Soạn bài giảng điện tử", 8.0, ModuleMode::SelfStudy),
        (
            "Đánh giá thường xuyên bằng công cụ trực tuyến",
            4.0,
            ModuleMode::Live,
        ),
        (
            "Thực hành tại trường và báo cáo",
            12.0,
            ModuleMode::SelfStudy,
        ),
    ];
    for (position, (title, hours, mode)) in (1..).zip(modules) {
        let module = ClassModule {
            title: title.to_owned(),
            hours,
            mode,
        };
        classes::insert_module(tx, id, position, &module).await?;
    }
    let schools = &province.places[1 + COMMUNES.len()..];
    for school in schools {
        for person in &school.people[2..] {
            classes::enrol(tx, id, person.id, now).await?;
        }
    }
    let points: Vec<PointId> = schools.iter().take(6).map(|place| place.point).collect();
    let lessons = [
        (
            "TH-01",
            "Buổi 1: Tổ chức lớp học kết hợp",
            now.minus(days(7)),
        ),
        (
            "TH-02",
            "Buổi 2: Đánh giá bằng công cụ trực tuyến",
            now.plus(days(1)),
        ),
    ];
    for (code, title, starts_at) in lessons {
        let ends_at = starts_at.plus(hours(2));
        let lesson = plan(
            tx,
            province.department,
            NewSession {
                code,
                title,
                kind: SessionKind::Training,
                preset: Preset::Training,
                secrecy: Secrecy::Normal,
                convening_unit: province.department,
                chair: trainer,
                secretary: None,
                class: Some(id),
                starts_at,
                ends_at,
                auto_record: true,
                keep_days: Some(731),
                guests_may_replay: false,
                max_interactive: 60,
                max_receive_only: 1_000,
                created_by: trainer,
                points: &points,
            },
            now,
        )
        .await?;
        if ends_at < now {
            sessions::mark_opened(tx, lesson, starts_at).await?;
            sessions::mark_ended(tx, lesson, ends_at).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_people_of_the_province_share_a_name() {
        let mut names = Names(0);
        let made: HashSet<String> = (0..22 * POSITIONS.len()).map(|_| names.next()).collect();
        assert_eq!(made.len(), 110);
    }

    #[test]
    fn plates_leave_out_what_every_name_begins_with() {
        assert_eq!(short_name("UBND xã Mường Khê"), "Xã Mường Khê");
        assert_eq!(short_name("Trường THCS Đông Hải"), "THCS Đông Hải");
        assert_eq!(short_name(DEPARTMENT.1), "Sở GD&ĐT");
    }
}
