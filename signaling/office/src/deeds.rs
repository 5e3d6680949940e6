//! What the audit log's actions are called, for people: in Vietnamese, and in English.
//!
//! One list for the page, its choices and what is exported. It is held to be whole by tests: by one here over the actions of
//! [`crate::rights`], and by one of the server over what rooms and commands write down.

/// What an action is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// As the log has it, for example `end_session`.
    pub name: &'static str,
    /// Tiếng Việt.
    pub vi: &'static str,
    /// English.
    pub en: &'static str,
}

/// What an action is called, if it has words.
#[must_use]
pub fn of(name: &str) -> Option<&'static Deed> {
    DEEDS.iter().find(|deed| deed.name == name)
}

macro_rules! deeds {
    ($($name:literal: $vi:literal, $en:literal;)*) => {
        /// Every action that has words, in the order in which they are offered.
        pub const DEEDS: &[Deed] = &[$(Deed { name: $name, vi: $vi, en: $en }),*];
    };
}

deeds! {
    // Accounts.
    "sign_in": "Đăng nhập", "Sign in";
    "sign_out": "Đăng xuất", "Sign out";
    "add_account": "Thêm tài khoản", "Add an account";
    "disable_account": "Khóa tài khoản", "Disable an account";
    "reset_password": "Cấp lại mật khẩu", "Reset a password";
    "manage_accounts": "Quản lý tài khoản", "Manage accounts";
    "manage_account": "Quản lý một tài khoản", "Manage an account";
    "list_accounts": "Xem danh sách tài khoản", "See the list of accounts";
    "view_account": "Xem tài khoản", "See an account";
    "create_account": "Tạo tài khoản", "Create an account";
    "enable_account": "Mở khóa tài khoản", "Enable an account";
    "give_code": "Cấp mã dùng một lần", "Give a one-time code";
    "send_invitation": "Gửi thư mời nhận tài khoản", "Send a letter of invitation";
    "invitation_failed": "Thư mời không gửi được", "A letter of invitation could not be sent";
    "use_code": "Dùng mã một lần", "Use a one-time code";
    "list_keys": "Xem danh sách khóa API", "Open the list of API keys";
    "make_key": "Tạo khóa API", "Make an API key";
    "revoke_key": "Thu hồi khóa API", "Take an API key back";
    "grant_roles": "Giao vai trò", "Grant roles";
    "grant_role": "Giao một vai trò", "Grant a role";
    "end_role": "Thôi vai trò", "End a role";
    "keep_role": "Giữ vai trò quản trị cuối cùng", "Keep the last administrator's role";
    "map_group": "Nhóm ngoài ứng với đơn vị không có", "A group for a unit that there is not";
    "link_identity": "Liên kết tài khoản ngoài", "Link with another account";
    "unlink_identity": "Hủy liên kết tài khoản ngoài", "Take a link with another account away";
    "hand_role": "Chuyển vai trò", "Hand a role on";
    "keep_own_account": "Sửa tài khoản của mình", "Keep one's own account";
    "change_password": "Đổi mật khẩu", "Change a password";
    "end_sign_in": "Kết thúc một lượt đăng nhập", "End a sign-in";
    "end_other_sign_ins": "Đăng xuất mọi nơi khác", "Sign out elsewhere";
    "set_up_second_factor": "Lập mã bí mật xác thực hai lớp", "Make a secret for a second factor";
    "turn_on_second_factor": "Bật xác thực hai lớp", "Turn a second factor on";
    "replace_second_factor": "Đổi ứng dụng xác thực", "Replace a second factor";
    "turn_off_second_factor": "Tắt xác thực hai lớp", "Turn a second factor off";
    "remove_second_factor": "Gỡ xác thực hai lớp của người khác", "Take a second factor away";
    "make_recovery_codes": "Tạo mã dự phòng", "Make recovery codes";
    "use_recovery_code": "Đăng nhập bằng mã dự phòng", "Sign in with a recovery code";
    "add_first_administrator": "Tạo quản trị đầu tiên", "Add the first administrator";

    // People and units.
    "list_people": "Xem danh sách người", "See the list of people";
    "view_person": "Xem hồ sơ người", "See a person";
    "add_person": "Thêm người", "Add a person";
    "edit_person": "Sửa hồ sơ người", "Edit a person";
    "appoint_person": "Bổ nhiệm", "Appoint a person";
    "end_appointment": "Thôi chức vụ", "End an appointment";
    "export_personal_data": "Xuất dữ liệu cá nhân", "Export somebody's data";
    "erase_person": "Xóa dữ liệu cá nhân", "Erase somebody's data";
    "import_people": "Nhập danh sách người", "Take in a list of people";
    "manage_import": "Xem lần nhập danh sách", "See a list of people taken in";
    "correct_import": "Ghép lại cột của danh sách", "Correct the columns of a list";
    "apply_import": "Ghi danh sách người", "Write a list of people";
    "cancel_import": "Dừng ghi danh sách", "Stop writing a list";
    "change_person": "Sửa người theo danh sách", "Change a person by a list";
    "list_units": "Xem cây đơn vị", "See the tree of units";
    "view_unit": "Xem đơn vị", "See a unit";
    "change_units": "Lập quyết định về đơn vị", "Decide on units";
    "list_unit_changes": "Xem các quyết định về đơn vị", "See the decisions on units";
    "undo_unit_change": "Hoàn tác quyết định về đơn vị", "Undo a decision on units";
    "apply_unit_change": "Thi hành quyết định về đơn vị", "Apply a decision on units";

    // Sessions.
    "create_session": "Tạo phiên", "Create a session";
    "edit_session": "Sửa phiên", "Edit a session";
    "cancel_session": "Hủy phiên", "Cancel a session";
    "view_history": "Xem lịch sử phiên", "See the history of a session";
    "name_officer": "Cử người điều hành", "Name somebody to be in charge of a session";
    "read_notices": "Xem thông báo", "Read notices";
    "end_session": "Kết thúc phiên", "End a session";
    "lapse_session": "Ghi nhận phiên không họp", "Note that a session was not held";
    "invite_point": "Mời điểm cầu", "Invite a bridge point";
    "list_sessions": "Xem danh sách phiên", "See the list of sessions";
    "plan_sessions": "Mở trang tạo phiên", "Open the page on which sessions are made";
    "view_session": "Xem phiên", "See a session";
    "view_attendance": "Xem người dự", "See who attended";
    "manage_links": "Quản lý liên kết", "Manage links";
    "create_link": "Tạo liên kết vào họp", "Create a joining link";
    "create_token": "Cấp mã truy cập", "Make an access token";
    "revoke_link": "Thu hồi liên kết", "Revoke a link";
    "exchange_link": "Vào bằng liên kết", "Come by a link";

    // A live room.
    "enter_room": "Vào phòng họp", "Enter a room";
    "watch_media": "Xem hình và tiếng", "Watch a room";
    "publish_media": "Phát hình và tiếng", "Publish into a room";
    "explain_media": "Xem lý do chất lượng hình", "See why pictures are as they are";
    "grant_floor": "Mời phát biểu", "Grant the floor";
    "cancel_next": "Hủy lượt kế tiếp", "Cancel who speaks next";
    "release_floor": "Kết thúc lượt phát biểu", "End a turn to speak";
    "set_turn_length": "Đặt thời gian mỗi lượt phát biểu", "Set how long turns to speak last";
    "extend_turn": "Thêm một phút phát biểu", "Give a turn one minute more";
    "set_queue_order": "Đổi thứ tự danh sách xin phát biểu", "Change the order of raised hands";
    "lower_hand": "Hạ tay", "Lower a hand";
    "mute": "Tắt micro", "Mute";
    "lock": "Khóa micro", "Lock a microphone";
    "unlock": "Mở khóa micro", "Unlock a microphone";
    "lock_all": "Khóa mọi micro", "Lock all microphones";
    "unlock_all": "Mở khóa mọi micro", "Unlock all microphones";
    "broadcast": "Phát cho tất cả", "Show to everybody";
    "lock_screen": "Khóa trình chiếu", "Keep the shared screen for one";
    "set_preset": "Đổi chế độ phòng họp", "Change the room's preset";
    "give_chair": "Giao quyền chủ trì", "Hand the chair on";
    "take_chair": "Nhận lại quyền chủ trì", "Take the chair back";
    "remove": "Mời ra khỏi phòng", "Remove from the room";
    "readmit": "Cho vào lại", "Let back in";

    // Recordings.
    "start_recording": "Bắt đầu ghi", "Start recording";
    "stop_recording": "Dừng ghi", "Stop recording";
    "view_recording": "Xem bản ghi", "See a recording";
    "inspect_recordings": "Xem tình trạng bản ghi", "See how recordings do";
    "compose_recording": "Dựng lại phim", "Make a film again";

    // Points, classes.
    "list_points": "Xem danh sách điểm cầu", "See the list of bridge points";
    "view_point": "Xem điểm cầu", "See a bridge point";
    "list_register": "Xem danh mục điểm cầu", "See the register of bridge points";
    "manage_point": "Quản lý điểm cầu", "Look after a bridge point";
    "manage_main_point": "Chọn điểm cầu chính", "Choose the main bridge point";
    "add_point": "Thêm điểm cầu", "Add a bridge point";
    "edit_point": "Sửa điểm cầu", "Change a bridge point";
    "close_point": "Đóng điểm cầu", "Close a bridge point";
    "watch_point": "Giám sát điểm cầu", "Watch a bridge point";
    "open_monitor": "Mở bảng giám sát", "Open the monitor";
    "list_classes": "Xem danh sách lớp", "See the list of classes";
    "view_class": "Xem lớp", "See a class";

    // The installation.
    "open_system": "Mở mục Hệ thống", "Open System";
    "read_audit": "Xem nhật ký", "Read the audit log";
    "export_audit": "Xuất nhật ký", "Export the audit log";
    "check_audit": "Kiểm tra chuỗi nhật ký", "Check the chain of the audit log";
    "view_settings": "Xem cài đặt", "See the settings";
    "change_settings": "Đổi cài đặt", "Change a setting";
    "keep_guide": "Sửa hướng dẫn ngày đầu", "Keep the first-day guide";
    "change_emblem": "Đổi biểu trưng", "Change the emblem";
    "view_backups": "Xem các lần sao lưu", "See how backups do";
    "ask_for_backup": "Yêu cầu sao lưu ngay", "Ask for a backup";
    "make_backup": "Sao lưu", "Make a backup";
    "restore_backup": "Khôi phục từ bản sao lưu", "Restore a backup";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rights::NAMES;

    #[test]
    fn every_action_that_rights_know_has_words_in_both_languages() {
        let silent: Vec<_> = NAMES.iter().filter(|name| of(name).is_none()).collect();
        assert!(silent.is_empty(), "these have no words: {silent:?}");
        for deed in DEEDS {
            assert!(!deed.vi.is_empty() && !deed.en.is_empty(), "{}", deed.name);
        }
    }

    #[test]
    fn no_action_has_words_twice_and_no_two_are_called_the_same() {
        for of in [
            |deed: &Deed| deed.name,
            |deed: &Deed| deed.vi,
            |deed: &Deed| deed.en,
        ] {
            let said: BTreeSet<_> = DEEDS.iter().map(of).collect();
            assert_eq!(said.len(), DEEDS.len());
        }
    }
}
