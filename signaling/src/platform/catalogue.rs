//! What the service itself says to people: Vietnamese. Refusals are codes, which the web client says in words.

/// How to make a device trust the server's own authority; served under `/ca`.
pub(crate) const TRUST_THE_AUTHORITY: &str = include_str!("http/trust.html");

/// The name of a guest who came without one.
pub(crate) const GUEST: &str = "Khách";

/// The position of somebody who was added at the terminal, until the records say better.
pub(crate) const POSITION: &str = "Cán bộ";

/// What a letter is about that invites somebody to their account.
pub(crate) const INVITATION_SUBJECT: &str = "Mã đăng nhập lần đầu vào Điểm Cầu";

/// What such a letter says.
pub(crate) fn invitation(
    name: &str,
    server: &str,
    login: &str,
    code: &str,
    link: &str,
    until: &str,
) -> String {
    format!(
        "Kính gửi {name},\n\n\
         Thầy, cô được cấp tài khoản họp và tập huấn trực tuyến của ngành:\n\n\
         Địa chỉ: {server}\n\
         Tài khoản: {login}\n\
         Mã đăng nhập một lần: {code}\n\n\
         Mở đường dẫn sau để đặt mật khẩu và đăng nhập. Mở ra xem thì mã chưa mất; chỉ khi bấm Đặt mật khẩu, mã mới được dùng.\n\n\
         {link}\n\n\
         Mã dùng được đến {until}. Quá hạn, hoặc có thư mới hơn, xin hỏi người quản trị để nhận mã khác.\n\
         Không chuyển thư này cho người khác: ai có mã thì vào được tài khoản.\n\n\
         Thư do máy chủ gửi tự động, không nhận thư trả lời.\n"
    )
}

/// What the letter is about that tries whether letters come through.
pub(crate) const TEST_SUBJECT: &str = "Thư thử từ Điểm Cầu";

/// What such a letter says.
pub(crate) fn test_letter(server: &str) -> String {
    format!(
        "Máy chủ {server} gửi được thư.\n\n\
         Thư này chỉ để thử, do người vận hành gửi bằng lệnh diemcau mail test; không cần trả lời.\n"
    )
}
