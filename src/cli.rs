//! Arguments of the command line. What a person reads here is Vietnamese; names of flags are English.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use protocol::client::SessionRole;

/// The program.
#[derive(Debug, Parser)]
#[command(
    name = "diemcau",
    version,
    about = "Điểm Cầu: hệ thống họp và tập huấn trực tuyến của Sở GD&ĐT"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs everything.
    #[command(about = "Chạy toàn bộ hệ thống")]
    Serve(ServeArgs),
    /// Runs the media engine alone.
    #[command(about = "Chỉ chạy bộ chuyển tiếp hình và tiếng, cho một máy chủ dùng --sfu external")]
    Sfu(SfuArgs),
    /// Runs the recorder alone; `serve` starts it by itself.
    #[command(about = "Chỉ chạy bộ ghi (serve tự khởi động nó)")]
    Recorder(FolderArgs),
    /// Makes one MP4 of a recording; `serve` starts it by itself.
    #[command(about = "Dựng một tệp MP4 từ bản ghi thô (serve tự khởi động nó)")]
    Compose(ComposeArgs),
    /// Brings the database to this version.
    #[command(about = "Nâng cơ sở dữ liệu lên phiên bản này")]
    Migrate(MigrateArgs),
    /// Accounts.
    #[command(about = "Quản lý tài khoản")]
    User(UserArgs),
    /// Makes an access token for one session.
    #[command(about = "Cấp mã truy cập cho một phiên, in ra một dòng")]
    Token(TokenArgs),
    /// Seeds the demonstration province, once.
    #[command(about = "Tạo tỉnh minh họa (một lần) và in tài khoản")]
    Demo(DemoArgs),
    /// Makes a copy of everything.
    #[command(about = "Sao lưu toàn bộ khi hệ thống vẫn chạy, mở lại và kiểm tra bản sao")]
    Backup(BackupArgs),
    /// Puts a copy back.
    #[command(about = "Khôi phục bản sao lưu vào một thư mục dữ liệu còn trống")]
    Restore(RestoreArgs),
    /// The log of who did what.
    #[command(about = "Nhật ký ai đã làm gì")]
    Audit(AuditArgs),
    /// Mail that goes out.
    #[command(about = "Thư điện tử mà máy chủ gửi đi")]
    Mail(MailArgs),
    /// Looks at the machine.
    #[command(about = "Kiểm tra máy chủ, mỗi lỗi kèm một cách khắc phục")]
    Doctor(DoctorArgs),
}

/// Where data and settings are.
#[derive(Debug, Clone, Args)]
pub struct FolderArgs {
    /// The data folder.
    #[arg(
        long,
        env = "DIEMCAU_DATA_DIR",
        default_value = "data",
        help = "Thư mục dữ liệu"
    )]
    pub data_dir: PathBuf,
    /// The folder of the settings files.
    #[arg(
        long,
        env = "DIEMCAU_CONFIG_DIR",
        default_value = "configs",
        help = "Thư mục tệp cấu hình (*.toml)"
    )]
    pub config_dir: PathBuf,
}

/// Of what brings an older database to this version.
#[derive(Debug, Clone, Copy, Args)]
pub struct UpgradeArgs {
    /// Goes on without the copy that is made before.
    #[arg(
        long,
        env = "DIEMCAU_WITHOUT_BACKUP",
        help = "Nâng cơ sở dữ liệu cũ mà không sao lưu trước; chỉ dùng khi đã có bản sao lưu khác"
    )]
    pub without_backup: bool,
}

/// Of `migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy before.
    #[command(flatten)]
    pub upgrade: UpgradeArgs,
}

/// Of the media engine, for `serve` and `sfu`.
#[derive(Debug, Clone, Args)]
pub struct MediaArgs {
    /// Addresses of this server as others see them.
    #[arg(
        long,
        env = "DIEMCAU_PUBLIC_IP",
        value_delimiter = ',',
        help = "Địa chỉ IP mà các điểm cầu thấy; có thể nêu nhiều lần"
    )]
    pub public_ip: Vec<IpAddr>,
    /// The first media port.
    #[arg(
        long,
        env = "DIEMCAU_MEDIA_PORT",
        help = "Cổng UDP và TCP đầu tiên cho hình và tiếng, mỗi luồng một cổng"
    )]
    pub media_port: Option<u16>,
}

/// Of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy before.
    #[command(flatten)]
    pub upgrade: UpgradeArgs,
    /// Media.
    #[command(flatten)]
    pub media: MediaArgs,
    /// Where HTTPS listens.
    #[arg(
        long,
        env = "DIEMCAU_LISTEN",
        help = "Địa chỉ và cổng HTTPS, ví dụ [::]:8443"
    )]
    pub listen: Option<SocketAddr>,
    /// Where the media engine runs.
    #[arg(
        long,
        value_enum,
        default_value = "in-process",
        help = "Bộ chuyển tiếp chạy trong tiến trình này hay tiến trình riêng"
    )]
    pub sfu: SfuPlace,
    /// Seeds the demonstration province at first start and prints its accounts.
    #[arg(
        long,
        help = "Lần đầu thì tạo tỉnh minh họa; in tài khoản và đường dẫn vào họp"
    )]
    pub demo: bool,
}

/// Where the media engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SfuPlace {
    /// In the process of `serve`.
    InProcess,
    /// In a process of its own, `diemcau sfu` on the same data folder.
    External,
}

/// Of `mail`.
#[derive(Debug, Args)]
pub struct MailArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: MailAction,
}

/// What is done with mail.
#[derive(Debug, Subcommand)]
pub enum MailAction {
    /// Sends one letter.
    #[command(about = "Gửi một thư thử đến một địa chỉ")]
    Test {
        /// To whom.
        #[arg(help = "Địa chỉ nhận, ví dụ hoai@so.example.vn")]
        address: String,
        /// Folders.
        #[command(flatten)]
        folders: FolderArgs,
    },
}

/// Of `sfu`.
#[derive(Debug, Args)]
pub struct SfuArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Media.
    #[command(flatten)]
    pub media: MediaArgs,
}

/// Of `compose`.
#[derive(Debug, Args)]
pub struct ComposeArgs {
    /// The folder of the recording.
    #[arg(long, help = "Thư mục bản ghi thô")]
    pub recording: PathBuf,
    /// The file to make.
    #[arg(long, help = "Tệp MP4 cần dựng")]
    pub output: PathBuf,
    /// The folder of the settings files.
    #[arg(
        long,
        env = "DIEMCAU_CONFIG_DIR",
        default_value = "configs",
        help = "Thư mục tệp cấu hình (*.toml)"
    )]
    pub config_dir: PathBuf,
}

/// Of `user`.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy before.
    #[command(flatten)]
    pub upgrade: UpgradeArgs,
    /// What to do.
    #[command(subcommand)]
    pub action: UserAction,
}

/// What `user` does.
#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Adds an account with a new password.
    #[command(about = "Thêm tài khoản, in mật khẩu mới")]
    Add {
        /// Login name.
        #[arg(long, help = "Tên đăng nhập")]
        login: String,
        /// Full name.
        #[arg(long, help = "Họ và tên")]
        name: String,
        /// Role.
        #[arg(
            long,
            value_enum,
            required_unless_present = "first",
            conflicts_with = "first",
            help = "Vai trò"
        )]
        role: Option<AccountRoleArg>,
        /// Code of the unit at which the role holds; with `first`, the name of the unit at the root.
        #[arg(long, help = "Mã đơn vị; với --first là tên đơn vị gốc, ví dụ tên Sở")]
        unit: String,
        /// The first account of all, which administers the department.
        #[arg(
            long,
            help = "Tài khoản đầu tiên của máy chủ, quản trị cấp sở, khi chưa có ai"
        )]
        first: bool,
    },
    /// Disables an account and ends its sign-ins.
    #[command(about = "Khóa tài khoản và đăng xuất khỏi mọi nơi")]
    Disable {
        /// Login name.
        #[arg(long, help = "Tên đăng nhập")]
        login: String,
    },
    /// Gives an account a new password.
    #[command(about = "Cấp mật khẩu mới")]
    Reset {
        /// Login name.
        #[arg(long, help = "Tên đăng nhập")]
        login: String,
    },
    /// Takes an account's second factor away and ends its sign-ins.
    #[command(
        about = "Gỡ xác thực hai lớp, khi mất cả điện thoại lẫn mã dự phòng, và đăng xuất khỏi mọi nơi"
    )]
    RemoveSecondFactor {
        /// Login name.
        #[arg(long, help = "Tên đăng nhập")]
        login: String,
    },
}

/// Roles of accounts, as arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the same as `protocol::api::AccountRole`")]
pub enum AccountRoleArg {
    DepartmentAdmin,
    UnitAdmin,
    ItStaff,
    Trainer,
    Member,
}

impl From<AccountRoleArg> for protocol::api::AccountRole {
    fn from(role: AccountRoleArg) -> Self {
        match role {
            AccountRoleArg::DepartmentAdmin => Self::DepartmentAdmin,
            AccountRoleArg::UnitAdmin => Self::UnitAdmin,
            AccountRoleArg::ItStaff => Self::ItStaff,
            AccountRoleArg::Trainer => Self::Trainer,
            AccountRoleArg::Member => Self::Member,
        }
    }
}

/// Of `token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy before.
    #[command(flatten)]
    pub upgrade: UpgradeArgs,
    /// Code of the session.
    #[arg(long, help = "Mã phiên")]
    pub session: String,
    /// The name to show.
    #[arg(long, help = "Tên hiển thị")]
    pub name: String,
    /// Role in the session.
    #[arg(long, value_enum, help = "Vai trò trong phiên")]
    pub role: TokenRole,
    /// Code of the bridge point whose seat it takes.
    #[arg(long, help = "Mã điểm cầu")]
    pub point: Option<String>,
    /// How many tokens; with more than one, each name gets a number.
    #[arg(
        long,
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=MOST_TOKENS),
        conflicts_with = "point",
        help = "Số mã cần cấp, mỗi mã một dòng, tên được đánh số"
    )]
    pub count: u32,
}

/// The most tokens that one call makes: ten times as many as a session seats.
const MOST_TOKENS: i64 = 10_000;

/// Roles that a token may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the same as `protocol::client::SessionRole`")]
pub enum TokenRole {
    Chair,
    Point,
    Viewer,
}

impl From<TokenRole> for SessionRole {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Chair => Self::Chair,
            TokenRole::Point => Self::Point,
            TokenRole::Viewer => Self::Viewer,
        }
    }
}

/// Of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy before.
    #[command(flatten)]
    pub upgrade: UpgradeArgs,
    /// For programs.
    #[arg(long, help = "In JSON")]
    pub json: bool,
    /// A province to measure lists with, in place of the one to look at; always in JSON.
    #[arg(long, hide = true)]
    pub large: bool,
}

/// Of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Where the copy is to lie.
    #[arg(help = "Thư mục chứa các bản sao lưu")]
    pub into: PathBuf,
}

/// Of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// The copy.
    #[arg(help = "Thư mục của một bản sao lưu, ví dụ /mnt/backup/diemcau-20261117-020000")]
    pub copy: PathBuf,
    /// Looks through the copy, and writes nothing.
    #[arg(long, help = "Chỉ kiểm tra bản sao, không ghi gì")]
    pub check: bool,
    /// An older data folder.
    #[arg(
        long,
        conflicts_with = "check",
        help = "Thư mục dữ liệu cũ, nếu còn: liệt kê những gì đã thu hồi sau lúc sao lưu"
    )]
    pub previous: Option<PathBuf>,
}

/// Of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: AuditAction,
}

/// What `audit` does.
#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// Checks the chain.
    #[command(
        about = "Đọc từng dòng, kiểm tra chuỗi mã băm",
        after_help = "Mã thoát: 0 nguyên vẹn; 1 không đọc được; 3 có dòng bị sửa, bị mất hoặc bị viết lại; \
                      4 nguyên vẹn nhưng không còn mốc để biết các dòng mới nhất có bị cắt hay không."
    )]
    Verify(FolderArgs),
}

/// Of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Folders.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Where HTTPS would listen.
    #[arg(long, env = "DIEMCAU_LISTEN", help = "Địa chỉ và cổng HTTPS")]
    pub listen: Option<SocketAddr>,
    /// The first media port.
    #[arg(long, env = "DIEMCAU_MEDIA_PORT", help = "Cổng hình và tiếng đầu tiên")]
    pub media_port: Option<u16>,
    /// For programs.
    #[arg(long, help = "In JSON")]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn number_of_tokens_is_one_that_somebody_means() {
        let parse = |count| {
            Cli::try_parse_from([
                "diemcau",
                "token",
                "--session",
                "GB-1",
                "--name",
                "An",
                "--role",
                "viewer",
                "--count",
                count,
            ])
        };
        for count in ["0", "-1", "10001", "18446744073709551615"] {
            assert!(parse(count).is_err(), "{count}");
        }
        for count in ["1", "10000"] {
            assert!(parse(count).is_ok(), "{count}");
        }
    }

    #[test]
    fn several_public_addresses_may_be_given() {
        let cli = Cli::parse_from([
            "diemcau",
            "serve",
            "--public-ip",
            "192.0.2.1,192.0.2.2",
            "--public-ip",
            "::1",
        ]);
        let Command::Serve(serve) = cli.command else {
            panic!("not serve")
        };
        assert_eq!(serve.media.public_ip.len(), 3);
    }
}
