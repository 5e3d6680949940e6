//! What the program itself says to people at a terminal: Vietnamese first, English beside.

use std::fmt::Write as _;

use protocol::UtcMicros;
use protocol::api::{AccountRole, RecordingFailure};
use signaling::platform::audit::Fault;
use signaling::platform::clock::said;
use signaling::platform::database::fault::{DatabaseFault, FaultKind};
use signaling::system::backup::{Flaw, Made, Manifest, NoRoom, NotCopied, Revoked};

/// The reader's language: `DIEMCAU_LANG=en` asks for English, anything else is Vietnamese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Tiếng Việt.
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The language asked for by the environment.
    #[must_use]
    pub(crate) fn of_environment() -> Self {
        match std::env::var("DIEMCAU_LANG") {
            Ok(value) if value.starts_with("en") => Self::English,
            _ => Self::Vietnamese,
        }
    }
}

const MIB: u64 = 1024 * 1024;

/// A sentence with its parameters. What each is for stands in its words, in [`Text::both`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text<'a> {
    Nothing,
    Failed { cause: &'a str },
    Serving { address: &'a str },
    CertificateHint { address: &'a str },
    FirstCode { address: &'a str, code: &'a str },
    DemoAccounts,
    DemoJoinLink { url: &'a str },
    FolderTaken { path: &'a str },
    FolderUnusable { cause: &'a str },
    Stopping,
    UserAdded { login: &'a str, password: &'a str },
    UserDisabled { login: &'a str },
    PasswordReset { login: &'a str, password: &'a str },
    SecondFactorRemoved { login: &'a str },
    Migrated { path: &'a str },
    Role(AccountRole),
    Verdict(crate::doctor::Verdict),
    FolderWritable { path: &'a str },
    FolderNotWritable { path: &'a str, cause: &'a str },
    GrantFolder { path: &'a str },
    FolderPrivate,
    FolderOpen { count: usize, path: &'a str },
    CloseFolder { path: &'a str },
    SecretOpen { path: &'a str },
    CloseFile { path: &'a str },
    DatabaseGood,
    DatabaseNew,
    DatabaseFault { fault: &'a DatabaseFault },
    MendDatabase { fault: &'a DatabaseFault },
    AuditEmpty,
    AuditIntact { lines: u64, head: i64 },
    AuditWithoutWitness { lines: u64 },
    AuditFaulty { faults: usize },
    AuditFault(Fault),
    AuditUnread { cause: &'a str },
    KeepAuditHead,
    KeepFaultyAudit,
    CopiedBeforeUpgrade(&'a Made),
    NotCopied(&'a NotCopied),
    BackupMade(&'a Made),
    BackupGood(&'a Manifest),
    BackupFlaw(&'a Flaw),
    FolderNotEmpty { path: &'a str },
    Restored { path: &'a str, ended: u64 },
    RevokedSince { count: usize },
    Revoked(&'a Revoked),
    RevokedUnknown { at: UtcMicros },
    AfterRestore,
    BackupRecent { at: UtcMicros },
    BackupOld { at: UtcMicros },
    BackupFailing { cause: &'a str },
    BackupNone,
    BackupUnset,
    SetBackup,
    MendBackup,
    MailSent { address: &'a str },
    MailGood,
    MailFaulty { cause: &'a str },
    MendMailServer,
    MendMailTls,
    MendMailUser,
    MendMailRefusal,
    MendMailSettings,
    ProviderGood,
    ProviderFaulty { cause: &'a str },
    ProviderUnits { units: &'a str },
    MendProvider,
    MendMapping,
    DiskFree { gib: u64, percent: u64 },
    DiskUnknown { cause: &'a str },
    FreeDisk,
    ServerRuns,
    PortFree { address: &'a str },
    PortTaken { address: &'a str, cause: &'a str },
    ChooseListen,
    ChooseMediaPort,
    FirewallGood,
    TurnDisabled,
    EnableTurn,
    HttpsElsewhere { port: u16 },
    ListenOn443,
    OwnAuthority,
    SpreadAuthority,
    FfmpegGood,
    FfmpegMissing { cause: &'a str },
    FfmpegLacksEncoders,
    InstallFfmpeg,
    NoFilm(RecordingFailure),
    Fonts { count: usize },
    InstallFonts,
    Processors { count: usize },
    MoreProcessors,
    Memory { gib: u64 },
    MoreMemory,
    OpenFiles { files: u64 },
    MoreFiles,
    SocketBuffers { kib: u64 },
    RaiseBuffers,
}

impl Text<'_> {
    /// The sentence in `language`.
    #[must_use]
    pub(crate) fn say(self, language: Language) -> String {
        let (vi, en) = self.both();
        match language {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }

    /// What is wrong with a database.
    fn of_fault(fault: &DatabaseFault) -> (String, String) {
        let DatabaseFault { place, kind } = fault;
        let vi = match kind {
            FaultKind::Lost => {
                format!(
                    "Cơ sở dữ liệu {place} trống hoặc không còn, trong khi thư mục vẫn có bản ghi."
                )
            }
            FaultKind::NotADatabase => format!("{place} không phải là cơ sở dữ liệu."),
            FaultKind::Damaged(detail) => format!("Cơ sở dữ liệu {place} bị hỏng: {detail}."),
            FaultKind::Newer => format!("Cơ sở dữ liệu {place} là của một phiên bản mới hơn."),
            FaultKind::Unfinished(detail) => {
                format!("Cơ sở dữ liệu {place} đã bị sửa bằng tay hoặc nâng cấp dở dang: {detail}.")
            }
            FaultKind::Forbidden(detail) => {
                format!("Không được phép dùng cơ sở dữ liệu {place}: {detail}.")
            }
            FaultKind::DiskFull => format!("Ổ đĩa đã đầy, không còn chỗ cho {place}."),
            FaultKind::Away(detail) => format!("{place} không trả lời: {detail}."),
            FaultKind::Other(detail) => format!("Không dùng được cơ sở dữ liệu {place}: {detail}."),
        };
        let mut en = fault.to_string();
        en.push('.');
        (vi, en)
    }

    /// What its keeper does about it.
    fn remedy_of(fault: &DatabaseFault) -> (&'static str, &'static str) {
        match fault.kind {
            FaultKind::Lost => (
                "Chép lại tệp đó từ bản sao lưu. Muốn bắt đầu mới thì chọn thư mục khác bằng --data-dir.",
                "Put that file back from a backup. To begin anew, choose another folder with --data-dir.",
            ),
            FaultKind::NotADatabase => (
                "Chuyển tệp đó đi chỗ khác rồi chép lại cơ sở dữ liệu từ bản sao lưu.",
                "Move that file away and put the database back from a backup.",
            ),
            FaultKind::Damaged(_) => (
                "Giữ lại tệp hỏng, chép lại bản sao lưu mới nhất; nếu không có, thử: sqlite3 diemcau.db .recover | sqlite3 moi.db",
                "Keep the damaged file and put the newest backup in its place; without one, try: sqlite3 diemcau.db .recover | sqlite3 new.db",
            ),
            FaultKind::Newer => (
                "Chạy lại phiên bản mới hơn đã dùng thư mục này.",
                "Run the later release that has used this folder.",
            ),
            FaultKind::Unfinished(_) => (
                "Chép lại bản sao lưu trước khi nâng cấp, rồi nâng cấp lại.",
                "Put back the backup from before the upgrade, and upgrade again.",
            ),
            FaultKind::Forbidden(_) => (
                "Cho người dùng chạy diemcau quyền đọc và ghi ở đó, hoặc sửa database.url.",
                "Let the user that diemcau runs as read and write there, or mend database.url.",
            ),
            FaultKind::DiskFull => (
                "Giải phóng chỗ trên ổ đĩa rồi chạy lại.",
                "Make room on the disk, then start again.",
            ),
            FaultKind::Away(_) => (
                "Khởi động máy chủ PostgreSQL, hoặc sửa database.url.",
                "Start the PostgreSQL server, or mend database.url.",
            ),
            FaultKind::Other(_) => (
                "Xem nhật ký phía trên; nếu không rõ, chép lại bản sao lưu.",
                "Read the log above; if it does not help, put back a backup.",
            ),
        }
    }

    fn both(self) -> (String, String) {
        use crate::doctor::Verdict;
        let two = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        match self {
            Self::Nothing => two("", ""),
            Self::DatabaseGood => two(
                "Cơ sở dữ liệu đọc được, không hỏng",
                "The database can be read and is not damaged",
            ),
            Self::DatabaseNew => two(
                "Chưa có cơ sở dữ liệu; lần chạy đầu sẽ tạo",
                "There is no database yet; the first start makes it",
            ),
            Self::DatabaseFault { fault } => Self::of_fault(fault),
            Self::MendDatabase { fault } => {
                let (vi, en) = Self::remedy_of(fault);
                two(vi, en)
            }
            Self::AuditEmpty => two("Nhật ký chưa có dòng nào", "The audit log is empty"),
            Self::AuditIntact { lines, head } => (
                format!("Nhật ký nguyên vẹn: {lines} dòng, khớp với mốc ở dòng {head}"),
                format!(
                    "The audit log is intact: {lines} lines, and line {head} is the one written down outside"
                ),
            ),
            Self::AuditWithoutWitness { lines } => (
                format!(
                    "{lines} dòng nhật ký nối nhau nguyên vẹn, nhưng không còn tệp mốc audit-head: không biết được các dòng mới nhất có bị cắt hay không"
                ),
                format!(
                    "The {lines} lines of the audit log follow from each other, but the file audit-head is gone: nobody can tell whether the newest lines were cut off"
                ),
            ),
            Self::AuditFaulty { faults } => (
                format!("Nhật ký KHÔNG nguyên vẹn: {faults} chỗ sai"),
                format!("The audit log is NOT intact: {faults} faults"),
            ),
            Self::AuditFault(Fault::Missing { from, to }) if from == to => (
                format!("Mất dòng {from}"),
                format!("Line {from} is missing"),
            ),
            Self::AuditFault(Fault::Missing { from, to }) => (
                format!("Mất các dòng từ {from} đến {to}"),
                format!("Lines {from} to {to} are missing"),
            ),
            Self::AuditFault(Fault::Changed(seq)) => (
                format!("Dòng {seq} đã bị sửa"),
                format!("Line {seq} was changed"),
            ),
            Self::AuditFault(Fault::Rewritten(seq)) => (
                format!(
                    "Các dòng đến dòng {seq} đã bị viết lại: không khớp với mốc ngoài cơ sở dữ liệu"
                ),
                format!(
                    "The lines up to {seq} were written anew: they are not those that were written down outside the database"
                ),
            ),
            Self::AuditUnread { cause } => (
                format!("Không kiểm tra được nhật ký: {cause}"),
                format!("The audit log cannot be checked: {cause}"),
            ),
            Self::KeepAuditHead => two(
                "Máy chủ tự ghi lại mốc khi chạy. Đối chiếu dòng cuối với bản sao lưu mới nhất",
                "The running server writes the file again. Compare the last line with the newest backup",
            ),
            Self::KeepFaultyAudit => two(
                "Chép riêng thư mục dữ liệu để làm bằng chứng, rồi báo lãnh đạo; xem: diemcau audit verify",
                "Copy the data folder away as evidence and tell your superiors; see: diemcau audit verify",
            ),
            Self::CopiedBeforeUpgrade(made) => {
                let path = made.folder.display();
                (
                    format!(
                        "Trước khi nâng cơ sở dữ liệu, đã sao lưu vào {path}, đã mở lại và kiểm tra"
                    ),
                    format!(
                        "Before the database is brought to this version it was backed up to {path}, opened again and found good"
                    ),
                )
            }
            Self::NotCopied(refused) => {
                let into = refused.into.display();
                let room = refused.cause.downcast_ref::<NoRoom>();
                let vi = match room {
                    Some(NoRoom { needed, free }) => format!(
                        "cần {} MiB, chỉ còn {} MiB",
                        needed.div_ceil(MIB),
                        free.div_ceil(MIB)
                    ),
                    None => format!("{:#}", refused.cause),
                };
                (
                    format!(
                        "Chưa nâng cơ sở dữ liệu, mọi thứ giữ nguyên: không sao lưu được vào {into} trước khi nâng ({vi}). \
                         Dọn chỗ hoặc đặt backup.folder ở ổ khác rồi chạy lại. Đã có bản sao lưu khác thì thêm --without-backup."
                    ),
                    format!(
                        "The database was not brought to this version, and everything is as it was: it could not be backed up to {into} \
                         before ({:#}). Make room or set backup.folder to another disk, and run it again. If there is another backup, add \
                         --without-backup.",
                        refused.cause
                    ),
                )
            }
            Self::BackupMade(made) => {
                let (path, held) = (made.folder.display(), &made.manifest);
                let (files, mib) = (held.files.len(), held.bytes().div_ceil(MIB));
                (
                    format!("Đã sao lưu vào {path}: {files} tệp, {mib} MiB, đã mở lại và kiểm tra"),
                    format!(
                        "Backed up to {path}: {files} files, {mib} MiB, opened again and found good"
                    ),
                )
            }
            Self::BackupGood(held) => {
                let at = said(held.made_at_us);
                let (files, mib) = (held.files.len(), held.bytes().div_ceil(MIB));
                (
                    format!("Bản sao lưu lúc {at} tốt: {files} tệp, {mib} MiB"),
                    format!("The backup of {at} is good: {files} files, {mib} MiB"),
                )
            }
            Self::BackupFlaw(flaw) => {
                let (vi, en) = crate::backup::flaw(flaw);
                (
                    format!("Không khôi phục, chưa ghi gì: {vi}."),
                    format!("Nothing was restored or written: {en}."),
                )
            }
            Self::FolderNotEmpty { path } => (
                format!(
                    "Thư mục {path} đã có dữ liệu nên không khôi phục đè lên. Chọn thư mục trống bằng --data-dir, hoặc chuyển dữ liệu cũ đi chỗ khác."
                ),
                format!(
                    "{path} holds data, and nothing is restored over it. Choose an empty folder with --data-dir, or move the old data away."
                ),
            ),
            Self::Restored { path, ended } => (
                format!(
                    "Đã khôi phục vào {path}. Mọi người phải đăng nhập lại ({ended} lượt đăng nhập đã kết thúc)."
                ),
                format!(
                    "Restored into {path}. Everybody has to sign in again ({ended} sign-ins were ended)."
                ),
            ),
            Self::RevokedSince { count: 0 } => two(
                "Từ lúc sao lưu đến lúc hỏng máy không có tài khoản hay liên kết nào bị thu hồi.",
                "No account or link was revoked after the backup was made.",
            ),
            Self::RevokedSince { count } => (
                format!(
                    "{count} mục đã bị thu hồi sau lúc sao lưu và nay có hiệu lực trở lại; hãy thu hồi lại:"
                ),
                format!(
                    "{count} were revoked after the backup was made, and work again; revoke them once more:"
                ),
            ),
            Self::Revoked(Revoked {
                kind,
                name,
                whose,
                at_us,
            }) => {
                let whose = whose.as_deref().unwrap_or_default();
                if kind == "account" {
                    (
                        format!("  tài khoản {name}, khóa lúc {}", said(*at_us)),
                        format!("  account {name}, disabled at {}", said(*at_us)),
                    )
                } else if kind == "api_key" {
                    (
                        format!("  khóa API {name}, thu hồi lúc {}", said(*at_us)),
                        format!("  API key {name}, revoked at {}", said(*at_us)),
                    )
                } else {
                    (
                        format!(
                            "  liên kết của phiên {name} {whose}, thu hồi lúc {}",
                            said(*at_us)
                        ),
                        format!(
                            "  link of session {name} {whose}, revoked at {}",
                            said(*at_us)
                        ),
                    )
                }
            }
            Self::RevokedUnknown { at } => (
                format!(
                    "Tài khoản đã khóa và liên kết đã thu hồi sau {} có hiệu lực trở lại. Không biết đó là những gì: hãy xem lại các văn bản từ lúc ấy, hoặc chạy lại với --previous nếu còn thư mục dữ liệu cũ.",
                    said(at)
                ),
                format!(
                    "Accounts disabled and links revoked after {} work again. Which these are is not known: look through what was decided since, or run this with --previous if the old data folder is still there.",
                    said(at)
                ),
            ),
            Self::AfterRestore => two(
                "Việc tiếp theo: 1) diemcau audit verify; 2) diemcau serve; 3) đăng nhập, mở một phiên và xem thử một bản ghi; 4) trỏ tên miền hoặc địa chỉ sang máy này. Chứng chỉ cũ được giữ, các điểm cầu tự nối lại.",
                "Next: 1) diemcau audit verify; 2) diemcau serve; 3) sign in, open a session and play a recording; 4) point the name or address to this machine. The certificates are the old ones, and bridge points come back by themselves.",
            ),
            Self::BackupRecent { at } => (
                format!("Bản sao lưu tốt gần nhất lúc {}", said(at)),
                format!("The newest good backup is of {}", said(at)),
            ),
            Self::BackupOld { at } => (
                format!("Bản sao lưu tốt gần nhất đã cũ: lúc {}", said(at)),
                format!("The newest good backup is old: of {}", said(at)),
            ),
            Self::BackupFailing { cause } => (
                format!("Lần sao lưu gần nhất hỏng: {cause}"),
                format!("The last backup failed: {cause}"),
            ),
            Self::BackupNone => two("Chưa có bản sao lưu tốt nào", "There is no good backup yet"),
            Self::BackupUnset => two(
                "Chưa đặt nơi sao lưu hằng đêm",
                "No folder is set for nightly backups",
            ),
            Self::SetBackup => two(
                "Đặt backup.folder trong signaling.toml, ở một ổ khác",
                "Set backup.folder in signaling.toml, on another disk",
            ),
            Self::MendBackup => two(
                "Xem chỗ trống và quyền ghi ở nơi sao lưu, rồi chạy: diemcau backup <thư mục>",
                "Look for room and rights where backups lie, then run: diemcau backup <folder>",
            ),
            Self::MailSent { address } => (
                format!("Máy chủ thư đã nhận thư thử gửi đến {address}"),
                format!("The mail server took the test letter to {address}"),
            ),
            Self::MailGood => two(
                "Máy chủ thư nhận thư của Điểm Cầu",
                "The mail server takes letters from here",
            ),
            Self::MailFaulty { cause } => (
                format!("Không gửi được thư: {cause}"),
                format!("No letters can be sent: {cause}"),
            ),
            Self::MendMailServer => two(
                "Xem mail.server, mail.port trong signaling.toml và tường lửa chiều đi; thư chờ trong hàng đợi hai giờ. Mã vẫn in ra phiếu được",
                "See mail.server and mail.port in signaling.toml and the firewall; letters wait for two hours. Codes can still be printed",
            ),
            Self::MendMailTls => two(
                "Xem mail.tls, mail.port; chứng thư do đơn vị tự ký thì nêu tệp PEM của nơi ký ở mail.ca_file",
                "See mail.tls and mail.port; for a certificate of your own authority, name its PEM in mail.ca_file",
            ),
            Self::MendMailUser => two(
                "Sửa mail.user và mật khẩu trong mail.password_file, rồi khởi động lại dịch vụ",
                "Mend mail.user and the password in mail.password_file, then restart the service",
            ),
            Self::MendMailRefusal => two(
                "Hỏi người quản lý máy chủ thư vì sao từ chối; mail.from phải là hộp thư mà mail.user được gửi",
                "Ask whoever runs the mail server why; mail.from has to be a mailbox from which mail.user may send",
            ),
            Self::MendMailSettings => two(
                "Sửa mục [mail] trong signaling.toml theo dòng trên, rồi khởi động lại dịch vụ",
                "Mend [mail] in signaling.toml as the line above says, then restart the service",
            ),
            Self::ProviderGood => two(
                "Máy chủ tài khoản ngoài trả lời đúng",
                "The sign-in provider answers as it should",
            ),
            Self::ProviderFaulty { cause } => (
                format!("Máy chủ tài khoản ngoài không dùng được: {cause}"),
                format!("The sign-in provider cannot be used: {cause}"),
            ),
            Self::ProviderUnits { units } => (
                format!("oidc.mapping có mã không đơn vị nào mang hôm nay: {units}"),
                format!("oidc.mapping has codes that no unit has today: {units}"),
            ),
            Self::MendProvider => two(
                "Xem mục [oidc] trong signaling.toml và hỏi người quản lý máy chủ đó. Mật khẩu của Điểm Cầu vẫn dùng được",
                "See [oidc] in signaling.toml and ask whoever runs the provider. Passwords of this server go on working",
            ),
            Self::MendMapping => two(
                "Sửa mã đơn vị trong oidc.mapping; nhóm ứng với mã đó chưa cho vai trò nào",
                "Mend the codes in oidc.mapping; their groups give no role until then",
            ),
            Self::FolderPrivate => two(
                "Chỉ người chạy diemcau đọc được thư mục dữ liệu",
                "Only the user that diemcau runs as can read the data folder",
            ),
            Self::FolderOpen { count, path } => (
                format!("Người khác trên máy đọc hoặc ghi được {count} mục, ví dụ {path}"),
                format!(
                    "Others on this machine can read or write {count} entries, for example {path}"
                ),
            ),
            Self::CloseFolder { path } => (
                format!("Chạy: chmod -R go= {path}"),
                format!("Run: chmod -R go= {path}"),
            ),
            Self::SecretOpen { path } => (
                format!("Tệp chứa bí mật, người khác trên máy đọc hoặc ghi được: {path}"),
                format!(
                    "Others on this machine can read or write a file that holds a secret: {path}"
                ),
            ),
            Self::CloseFile { path } => (
                format!("Chạy: chmod o= {path}"),
                format!("Run: chmod o= {path}"),
            ),
            Self::Failed { cause } => (
                format!("Không thực hiện được: {cause}"),
                format!("It could not be done: {cause}"),
            ),
            Self::Serving { address } => (
                format!("Điểm Cầu đang chạy tại {address}"),
                format!("Điểm Cầu is running at {address}"),
            ),
            Self::FirstCode { address, code } => (
                format!(
                    "Chưa có tài khoản nào. Mở {address}/first-day và nhập mã dùng một lần: {code}"
                ),
                format!(
                    "Nobody has an account yet. Open {address}/first-day and enter the one-time code: {code}"
                ),
            ),
            Self::CertificateHint { address } => (
                format!(
                    "Trình duyệt báo chứng chỉ lạ? Mở {address}/ca.crt và cài làm chứng chỉ gốc tin cậy."
                ),
                format!(
                    "Does the browser distrust the certificate? Open {address}/ca.crt and install it as a trusted root."
                ),
            ),
            Self::DemoAccounts => two("Tài khoản minh họa:", "Demonstration accounts:"),
            Self::DemoJoinLink { url } => (
                format!("Vào họp ngay, không cần đăng nhập: {url}"),
                format!("Join at once, without signing in: {url}"),
            ),
            Self::FolderTaken { path } => (
                format!(
                    "Một máy chủ khác đang chạy trên thư mục {path}. Hãy dừng máy chủ đó, hoặc chọn --data-dir khác."
                ),
                format!(
                    "Another server runs on the folder {path}. Stop it, or choose another --data-dir."
                ),
            ),
            Self::FolderUnusable { cause } => (
                format!("Không dùng được thư mục dữ liệu: {cause}"),
                format!("The data folder cannot be used: {cause}"),
            ),
            Self::Stopping => two(
                "Đang dừng, báo cho các điểm cầu và đóng bản ghi.",
                "Stopping: telling the points, closing recordings.",
            ),
            Self::UserAdded { login, password } => (
                format!("Đã thêm tài khoản {login}, mật khẩu {password}"),
                format!("Added the account {login}, password {password}"),
            ),
            Self::UserDisabled { login } => (
                format!("Đã khóa tài khoản {login}"),
                format!("Disabled the account {login}"),
            ),
            Self::PasswordReset { login, password } => (
                format!("Mật khẩu mới của {login}: {password}"),
                format!("New password of {login}: {password}"),
            ),
            Self::SecondFactorRemoved { login } => (
                format!("Đã gỡ xác thực hai lớp của {login}, lần đăng nhập sau chỉ cần mật khẩu"),
                format!(
                    "Took the second factor of {login} away; the next sign-in takes the password alone"
                ),
            ),
            Self::Migrated { path } => (
                format!("Cơ sở dữ liệu ở {path} đã ở phiên bản mới nhất."),
                format!("The database in {path} is up to date."),
            ),
            Self::Role(AccountRole::DepartmentAdmin) => {
                two("quản trị Sở", "department administrator")
            }
            Self::Role(AccountRole::UnitAdmin) => two("quản trị đơn vị", "unit administrator"),
            Self::Role(AccountRole::ItStaff) => two("kỹ thuật", "IT staff"),
            Self::Role(AccountRole::Trainer) => two("giảng viên", "trainer"),
            Self::Role(AccountRole::Member) => two("thành viên", "member"),
            Self::Verdict(Verdict::Good) => two("đạt", "good"),
            Self::Verdict(Verdict::Attention) => two("chú ý", "attention"),
            Self::Verdict(Verdict::Bad) => two("hỏng", "bad"),
            Self::FolderWritable { path } => (
                format!("Thư mục dữ liệu {path} ghi được"),
                format!("The data folder {path} is writable"),
            ),
            Self::FolderNotWritable { path, cause } => (
                format!("Không ghi được vào {path}: {cause}"),
                format!("Cannot write to {path}: {cause}"),
            ),
            Self::GrantFolder { path } => (
                format!("Cấp quyền ghi cho người chạy máy chủ: chown -R <người dùng> {path}"),
                format!("Let the server's user write there: chown -R <user> {path}"),
            ),
            Self::DiskFree { gib, percent } => (
                format!("Đĩa còn {gib} GiB ({percent}%)"),
                format!("{gib} GiB of disk are free ({percent}%)"),
            ),
            Self::DiskUnknown { cause } => (
                format!("Không đọc được dung lượng đĩa: {cause}"),
                format!("Cannot read the disk's size: {cause}"),
            ),
            Self::FreeDisk => two(
                "Xóa hoặc chuyển bớt bản ghi cũ: một giờ họp cần khoảng 1,7 GiB.",
                "Delete or move old recordings: an hour of meeting takes about 1.7 GiB.",
            ),
            Self::ServerRuns => two(
                "Máy chủ đang chạy và giữ cổng này",
                "The server is running and holds this port",
            ),
            Self::PortFree { address } => (
                format!("Cổng {address} còn trống"),
                format!("Port {address} is free"),
            ),
            Self::PortTaken { address, cause } => (
                format!("Không mở được cổng {address}: {cause}"),
                format!("Cannot open port {address}: {cause}"),
            ),
            Self::ChooseListen => two(
                "Dừng chương trình đang giữ cổng, hoặc chọn cổng khác bằng --listen.",
                "Stop the program that holds the port, or choose another with --listen.",
            ),
            Self::FirewallGood => two(
                "Trường chỉ mở cổng 443 vẫn họp được",
                "Schools that open port 443 alone can take part",
            ),
            Self::TurnDisabled => two(
                "Đường dự phòng qua cổng HTTPS đang tắt: trường chặn UDP không có hình và tiếng",
                "The way through the HTTPS port is off: schools that block UDP have no picture and sound",
            ),
            Self::EnableTurn => two(
                "Đặt turn.enabled = true trong signaling.toml.",
                "Set turn.enabled = true in signaling.toml.",
            ),
            Self::HttpsElsewhere { port } => (
                format!("HTTPS ở cổng {port}: trường chỉ mở cổng 443 không vào được"),
                format!("HTTPS is on port {port}: schools that open port 443 alone cannot come in"),
            ),
            Self::ListenOn443 => two(
                "Chạy máy chủ với --listen '[::]:443'.",
                "Run the server with --listen '[::]:443'.",
            ),
            Self::OwnAuthority => two(
                "Chứng chỉ do máy chủ tự cấp: máy chưa cài chứng chỉ gốc không dùng được đường dự phòng qua cổng 443",
                "The certificate is the server's own: devices without its authority cannot use the way through port 443",
            ),
            Self::SpreadAuthority => two(
                "Cài tệp /ca.crt của máy chủ lên máy tại điểm cầu, hoặc dùng chứng chỉ công cộng (tls.certificate_file).",
                "Install the server's /ca.crt on the points' devices, or use a public certificate (tls.certificate_file).",
            ),
            Self::ChooseMediaPort => two(
                "Chọn dải cổng khác bằng --media-port.",
                "Choose another range with --media-port.",
            ),
            Self::FfmpegGood => two(
                "Có ffmpeg với H.264 và AAC",
                "ffmpeg with H.264 and AAC is there",
            ),
            Self::FfmpegMissing { cause } => (
                format!("Không chạy được ffmpeg: {cause}"),
                format!("ffmpeg does not run: {cause}"),
            ),
            Self::FfmpegLacksEncoders => two(
                "ffmpeg thiếu bộ mã hóa H.264 hoặc AAC",
                "ffmpeg lacks the H.264 or AAC encoder",
            ),
            Self::InstallFfmpeg => two(
                "Cài bằng: apt-get install ffmpeg. Thiếu nó vẫn họp và ghi được, nhưng không có tệp MP4 để xem lại.",
                "Install it: apt-get install ffmpeg. Without it meetings and recording work, but no MP4 is made.",
            ),
            Self::NoFilm(failure) => no_film(failure),
            Self::Fonts { count } => (
                format!("Có {count} phông chữ tiếng Việt cho biển tên trong bản ghi"),
                format!("{count} fonts have Vietnamese letters for the name plates of recordings"),
            ),
            Self::InstallFonts => two(
                "Cài bằng: apt-get install fonts-dejavu-core",
                "Install one: apt-get install fonts-dejavu-core",
            ),
            Self::Processors { count } => (
                format!("{count} lõi xử lý"),
                format!("{count} processor cores"),
            ),
            Self::MoreProcessors => two(
                "Nên có ít nhất 2 lõi; 8 lõi cho 40 điểm cầu.",
                "Have at least 2 cores; 8 for 40 points.",
            ),
            Self::Memory { gib } => (format!("{gib} GiB bộ nhớ"), format!("{gib} GiB of memory")),
            Self::MoreMemory => two(
                "Nên có ít nhất 4 GiB; 16 GiB cho 40 điểm cầu.",
                "Have at least 4 GiB; 16 for 40 points.",
            ),
            Self::OpenFiles { files } => {
                let shown = if files == u64::MAX {
                    "∞".to_owned()
                } else {
                    files.to_string()
                };
                (
                    format!("Mở được {shown} tệp cùng lúc"),
                    format!("{shown} files may be open at once"),
                )
            }
            Self::MoreFiles => two(
                "Đặt LimitNOFILE=65536 cho dịch vụ.",
                "Set LimitNOFILE=65536 for the service.",
            ),
            Self::SocketBuffers { kib } => (
                format!("Bộ đệm mạng tối đa {kib} KiB"),
                format!("Network buffers up to {kib} KiB"),
            ),
            Self::RaiseBuffers => two(
                "Chạy: sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304",
                "Run: sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304",
            ),
        }
    }
}

/// Why there is no film; the web client says the same in its catalogue.
fn no_film(failure: RecordingFailure) -> (String, String) {
    let (vi, en) = match failure {
        RecordingFailure::NoMedia => (
            "Bản ghi không có tiếng và hình: trong lúc ghi không ai mở micro, mở camera hay chia sẻ màn hình.",
            "The recording holds no sound and no picture: nobody opened a microphone or a camera, or shared a screen, while it ran.",
        ),
        RecordingFailure::FilesMissing => (
            "Không thấy tệp gốc của bản ghi trên đĩa máy chủ. Nếu có bản sao lưu, hãy chép về chỗ cũ rồi dựng lại.",
            "The raw files of the recording are not on the server's disk. If there is a backup, copy them back and make the film again.",
        ),
        RecordingFailure::FilmMissing => (
            "Tệp xem lại đã mất hoặc bị cắt ngắn trên đĩa máy chủ. Hãy dựng lại từ hình và tiếng gốc.",
            "The replay file is gone from the server's disk, or cut short. Make it again from the raw sound and picture.",
        ),
        RecordingFailure::Undecodable => (
            "Có tệp gốc nhưng không giải mã được tiếng hay hình nào trong đó.",
            "There are raw files, but no sound and no picture in them can be decoded.",
        ),
        RecordingFailure::FfmpegMissing => (
            "Máy chủ không chạy được ffmpeg, chương trình dựng bản xem lại. Cài ffmpeg rồi dựng lại; hình và tiếng gốc vẫn an toàn.",
            "The server cannot run ffmpeg, which makes the replay file. Install ffmpeg and make the film again; the raw sound and picture are safe.",
        ),
        RecordingFailure::FfmpegFailed => (
            "ffmpeg dừng giữa chừng khi dựng bản xem lại. Hình và tiếng gốc vẫn an toàn.",
            "ffmpeg gave up while making the replay file. The raw sound and picture are safe.",
        ),
        RecordingFailure::BadSettings => (
            "Cấu hình dựng bản xem lại trên máy chủ chưa đúng. Sửa recorder.toml rồi dựng lại; hình và tiếng gốc vẫn an toàn.",
            "The server's settings for making replay files are wrong. Correct recorder.toml and make the film again; the raw sound and picture are safe.",
        ),
        RecordingFailure::DiskFull => (
            "Đĩa máy chủ đã đầy. Hãy giải phóng chỗ trống.",
            "The server's disk is full. Free some space.",
        ),
        RecordingFailure::DiskFailed => (
            "Máy chủ không đọc được hoặc không ghi được đĩa.",
            "The server cannot read or write its disk.",
        ),
        RecordingFailure::Interrupted => (
            "Việc ghi hoặc dựng bị ngắt giữa chừng.",
            "Recording, or making the film, was cut off.",
        ),
        RecordingFailure::Unknown => (
            "Chưa rõ vì sao. Chi tiết có trong nhật ký của máy chủ.",
            "Why is not known. The server's log has the details.",
        ),
    };
    (vi.to_owned(), en.to_owned())
}

/// A table of text: columns as wide as their widest cell, two spaces between them.
#[must_use]
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, &width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_letters_not_bytes() {
        let rows = [["Sở", "a"], ["Trường", "b"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "Sở      a\nTrường  b\n");
    }
}
