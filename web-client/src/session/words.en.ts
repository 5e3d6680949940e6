/** Words of the sign-in: who one is, and why the server said no. */
export const words = {
	role: {
		department_admin: "Department administrator",
		unit_admin: "Unit administrator",
		it_staff: "IT staff",
		trainer: "Trainer",
		member: "Member",
		guest: "Guest",
		point: "Room device",
	},
	error: {
		unreachable:
			"The server did not answer. Check the network, then press Try again.",
		unexpected:
			"The server had a problem. Press Try again; if it stays, give the code below to the technician.",
		page: "This page stopped half-way. Press Try again; if it stays, give the code below to the technician.",
	},
	problem: {
		not_signed_in: "Your sign-in has ended. Sign in again to go on.",
		not_allowed: "This account may not do that.",
		not_found: "There is no such content, or this account may not see it.",
		unknown_session:
			"There is no such session, or this account may not see it. Check the session's code in the invitation.",
		unknown_class: "There is no such class, or this account may not see it.",
		unknown_recording:
			"There is no such recording, or this account may not see it.",
		unknown_point: "There is no such bridge point. Choose again from the list.",
		unknown_participant: "Nobody of this kind is in the room at the moment.",
		unknown_unit: "There is no such unit. Choose the unit again.",
		unknown_person:
			"There is no such person, or this account may not see them.",
		person_erased: "The personal data of this person were deleted.",
		not_confirmed: "What was typed is not what was asked for. Type it again.",
		not_erased: "The data of this person were not deleted.",
		unknown_appointment:
			"There is no such appointment. Reload the page to see how it is.",
		bad_person_code: "This code cannot be used. Write it again.",
		"bad_person_code|empty":
			"Nothing of this code can be seen. Write a code, or leave it empty.",
		"bad_person_code|too_long":
			"The code has more than {{limit}} characters. Shorten it.",
		person_code_taken:
			"Somebody has the code {{code}} already. Check the code.",
		namesake:
			"This unit has {{name}} already. See whether it is the same person.",
		bad_email: "Not an e-mail address, for example hoai@so.example.vn.",
		bad_form_of_address:
			"This form of address cannot be used. Write it again, or leave it empty.",
		"bad_form_of_address|too_long":
			"The form of address has more than {{limit}} characters. Shorten it.",
		bad_position: "This position cannot be used. Write it again.",
		"bad_position|empty":
			"There is no position. Write one, for example Teacher.",
		"bad_position|too_long":
			"The position has more than {{limit}} characters. Shorten it.",
		bad_subject:
			"This subject cannot be used. Write it again, or leave it empty.",
		"bad_subject|too_long":
			"The subject has more than {{limit}} characters. Shorten it.",
		bad_day:
			"There is no such day. Write day/month/year, for example 01/09/2026.",
		unknown_import: "There is no such import, or somebody else made it.",
		unreadable_file:
			"This file cannot be read. Save it as Excel (.xlsx) or CSV, then choose it again.",
		"unreadable_file|no_table":
			"This file is neither Excel (.xlsx) nor CSV nor OneRoster (.zip). Choose another.",
		"unreadable_file|old_workbook":
			"This is an Excel file of the old kind (.xls), or one with a password. Save it as .xlsx without a password.",
		"unreadable_file|damaged":
			"This file is damaged, or came only in part. Open it, save it, choose it again.",
		"unreadable_file|too_much":
			"The table is too large: at most 20,000 rows a file. Split it and import each part.",
		no_header:
			"No row names a column of full names. Look at the template, then name the columns.",
		no_rows: "Nobody stands below the header.",
		bad_columns: "Each thing stands in one column. Look at the columns again.",
		import_not_ready:
			"This import is not in a state in which that can be done. Reload the page.",
		ends_before_it_begins: "The last day must not lie before the first.",
		appointment_ended: "This appointment ended before.",
		unknown_change:
			"There is no such decision. Open the list of decisions again.",
		bad_document:
			"This number of a document cannot be used. Write it as on the document, at most {{limit}} characters.",
		bad_steps:
			"A decision has at least one step, and at most {{limit}}. Look through the list.",
		bad_unit:
			"The name or kind of the unit {{unit}} cannot be used. Write it again, at most {{limit}} characters.",
		"bad_unit|code":
			"The code “{{unit}}” cannot be used. A code has letters without diacritics, digits, dots, hyphens and underscores, at most {{limit}}.",
		nothing_changes: "This decision changes nothing. Look through its steps.",
		unit_alone:
			"A merger or a split needs two different units at least. Look at {{unit}} again.",
		unit_code_taken:
			"The code {{unit}} is or was given to a unit. Codes are not used again; choose another.",
		unit_root:
			"The tree has one unit at its top, so this cannot be done to {{unit}}. Choose a unit above it.",
		unit_cycle:
			"The unit {{unit}} would stand below itself. Choose another unit above it.",
		units_left:
			"{{count}} units stand below {{unit}}, {{child}} among them. Choose who takes over.",
		later_change:
			"Another decision concerns {{unit}} from {{day}} on. Undo that one first, or choose a later day.",
		unit_in_use:
			"{{unit}} has people or roles that begin after this day. Choose who takes over.",
		"unit_in_use|point":
			"{{unit}} hosts active bridge points. Choose who takes over, or close the points first.",
		"unit_in_use|session":
			"{{unit}} has sessions to come. Choose who takes over, or cancel the sessions first.",
		role_beyond:
			"The role of {{name}} would reach further than this account may give it. Ask an administrator of the department.",
		bad_point:
			"The name of a point or room cannot be used. Write it again, at most {{limit}} characters.",
		"bad_point|code":
			"The code cannot be used. A code has letters without diacritics, digits, dots, hyphens and underscores, at most {{limit}}.",
		"bad_point|number":
			"A point's number is between 1 and {{limit}}. Choose another.",
		"bad_point|seats": "A room has at most {{limit}} seats. Write it again.",
		"bad_point|count":
			"There are 1 to {{limit}} pieces of a kind. Write the number again.",
		"bad_point|equipment":
			"A room has at most {{limit}} kinds of equipment. Put some together.",
		"bad_point|served":
			"A point has at most {{limit}} units and rooms. Leave some out.",
		point_code_taken: "Another point has the code {{code}}. Choose another.",
		point_number_taken:
			"Another point, perhaps a closed one, has the number {{number}}. Choose another.",
		room_code_taken: "Another room has the code {{room}}. Choose another.",
		main_point_taken:
			"{{point}} is the main point. Make it a base point first.",
		point_changes_later:
			"The units of this point change on {{day}} already. Choose a later day.",
		point_in_use:
			"{{count}} sessions that run or are to come invite this point, “{{title}}” first. Confirm closing it all the same, or change the sessions first.",
		file_without_header:
			"No line names the columns “code” and “name”. Add a header and choose the file again.",
		file_too_long: "The file has more than {{limit}} rows. Divide it.",
		file_refused:
			"{{count}} rows cannot be taken, the first in line {{line}}. Mend the file and choose it again; nothing was written.",
		change_built_upon:
			"Something later builds on this decision, so it cannot be undone yet. Undo the later one first.",
		bad_login:
			"A login has 1 to 64 letters, digits, dots, hyphens and underscores.",
		login_taken: "The login {{login}} is taken. Choose another one.",
		unknown_account: "There is no such account. Check the account's name.",
		unknown_link: "This link had been revoked before.",
		wrong_password:
			"The account or the password is not right. Check Caps Lock and the input method, then try again.",
		wrong_present_password:
			"This is not the present password. Check Caps Lock and try again.",
		bad_password: "This password cannot be used. Choose another.",
		"bad_password|too_short": "A password needs at least {{limit}} characters.",
		"bad_password|too_long": "The password has more than {{limit}} characters.",
		"bad_password|too_simple":
			"This password is too easy to guess. Choose one without your login in it, and no row or repetition.",
		"bad_password|same": "The new password must differ from the present one.",
		wrong_code:
			"Account or code are wrong, or the code was used. Look at the slip again; without it, ask your unit's administrator for a new code.",
		code_expired:
			"The code on the slip is over since {{expires_at_date}}. Ask your unit's administrator for a new code.",
		no_provider: "This server has no sign-in by another account.",
		provider_down:
			"The other account's server does not answer. Sign in with account and password.",
		provider_refused:
			"What the other account's server says cannot be believed. Sign in with your password and tell IT staff.",
		provider_declined:
			"The other account's server let nobody in, or you turned back there. Try again, or sign in with your password.",
		departure_unknown:
			"This sign-in was used, or took more than 10 minutes. Begin again, in the same browser.",
		identity_unknown:
			"That account is linked with nobody here. Sign in with your password or the code on your slip, then link it on the page My account.",
		identity_taken:
			"That account is linked with somebody else. See which account you use there.",
		already_linked:
			"Your account is linked with another one there. Take that link away first.",
		second_factor_owed:
			"Your role needs two-step sign-in. Turn it on, then go on.",
		second_step_over:
			"It took too long, or the password was changed meanwhile. Sign in again from the beginning.",
		wrong_second_code:
			"This is not the code. Enter the one that is shown for this very account; it changes every 30 seconds.",
		second_code_used:
			"This code was used a moment ago. Wait for the next one, 30 seconds at most.",
		phone_clock_off:
			"The phone's clock is about {{minutes}} min off. Let the phone set its time by itself, then enter a new code.",
		"phone_clock_off|ahead":
			"The phone's clock is about {{minutes}} min fast. Let the phone set its time by itself, then enter a new code.",
		"phone_clock_off|behind":
			"The phone's clock is about {{minutes}} min slow. Let the phone set its time by itself, then enter a new code.",
		no_new_secret: "This QR code is over. Begin again to get another.",
		second_factor_off: "Two-step sign-in is off. Load the page again.",
		second_factor_demanded:
			"Your role demands two-step sign-in, so it stays on.",
		second_factor_unreadable:
			"The server cannot check six-digit codes. Use a recovery code, or tell those who run the system.",
		mail_off: "This server sends no mail. Print the slips.",
		no_address: "{{name}} has no e-mail address. Print a slip.",
		has_password:
			"{{name}} has a password. Open the person to give a new code.",
		too_many_people:
			"At most {{limit}} codes are given at a time. Choose fewer.",
		last_administrator:
			"This is the last administrator of the department who stays. Give somebody else this role, without an end, then try again.",
		beyond_own_role:
			"Role, unit and days have to lie within a role of your own.",
		role_held: "They hold this role there on some of these days.",
		bad_days:
			"The days are wrong: a role begins today or later, and ends after that.",
		unknown_role: "This role is over, or was ended before.",
		wrong_first_code:
			"This is not the code that the server printed when it last started. Look at its terminal or log again.",
		not_first: "The server has its first account. Sign in with that.",
		bad_unit_name: "This name of a unit cannot be used. Write it again.",
		unknown_sign_in: "It was signed out there before.",
		account_disabled:
			"This account is locked. Ask your unit's administrator to open it.",
		rate_limited:
			"Too many attempts. Wait {{seconds}} seconds, then try again.",
		key_not_valid:
			"This API key does not work: it is unknown, expired or revoked.",
		key_in_address:
			"An API key does not belong into an address. Revoke it, make another, and send it in the header Authorization.",
		key_scope_missing: "This API key may not be used for that.",
		bad_scopes: "Choose at least one thing that the key may do, each once.",
		scope_not_yours:
			"Only a key of the whole department reads the log. Choose the department, or leave this out.",
		bad_expiry:
			"The last day of a key is today or later, at most {{days}} days from today.",
		unknown_key: "There is no such API key.",
		bad_idempotency_key:
			"An Idempotency-Key has 1 to {{limit}} plain characters.",
		idempotency_key_reused: "Another request had this Idempotency-Key.",
		idempotency_in_progress:
			"This is being done. Wait a second, then ask again.",
		idempotency_answer_lost:
			"It was done, and its answer was lost. Open the list to see it.",
		idempotency_not_here:
			"This answer holds a secret that is told once. Send it again without Idempotency-Key.",
		link_invalid: "This link does not work. Ask the sender for a new one.",
		link_expired: "This link has expired. Ask the sender for a new one.",
		link_revoked: "This link has been revoked. Ask the sender for a new one.",
		name_required: "Give your name to enter.",
		bad_name: "This name cannot be used. Write it again.",
		"bad_name|empty": "Nothing of this name can be seen. Write it again.",
		"bad_name|too_long":
			"The name has more than {{limit}} characters. Shorten it.",
		"bad_name|unreadable":
			"The name has characters that cannot be shown. Remove them, then try again.",
		"bad_name|direction":
			"The name has characters that turn the writing direction. Type it, do not paste it.",
		"bad_name|marks":
			"The name has marks without a letter, or too many. Type it again.",
		guests_not_allowed:
			"An internal session takes no guests. Only bridge points and people with accounts can be invited.",
		point_not_invited: "This bridge point is not part of the session.",
		session_full:
			"Besides those of chair, secretary and invited bridge points, the session has {{limit}} places, and all are taken.",
		session_ended: "This session has ended.",
		booking_conflict:
			"{{point}} has {{title}}, {{starts_at_time}} to {{ends_at_time}} on {{starts_at_date}}. Choose another time or leave out that bridge point.",
		point_not_yours:
			"One bridge point is outside this unit ({{point}}). Leave it out, then try again.",
		secret_refused: "This system does not accept sessions with secret content.",
		bad_title: "This title cannot be used. Write it again.",
		"bad_title|empty": "Nothing of this title can be seen. Write a title.",
		"bad_title|too_long":
			"The title has more than {{limit}} characters. Shorten it.",
		"bad_title|unreadable":
			"The title has characters that cannot be shown. Remove them, then try again.",
		"bad_title|direction":
			"The title has characters that turn the writing direction. Type it, do not paste it.",
		"bad_title|marks":
			"The title has marks without a letter, or too many. Type it again.",
		unreadable_text:
			"The text has half a character that was cut. Remove it, then send again.",
		bad_time: "The session's times are not right. Look at date and time.",
		"bad_time|order": "The end must come after the begin.",
		"bad_time|too_long": "A session lasts at most 24 hours.",
		"bad_time|past": "This time is past. Choose another.",
		"bad_time|too_far": "A session is planned at most two years ahead.",
		"bad_time|no_date": "There is no such date.",
		try_again: "Somebody made a session at the same moment. Press once more.",
		not_composable:
			"This recording is being made or is not closed yet. Wait a few minutes.",
		invalid: "What was sent is not valid. Look at the fields, then try again.",
		no_backup_folder:
			"No place for backups is set. IT staff set backup.folder in signaling.toml.",
		backup_under_way: "A backup is being made already.",
		bad_setting: "A setting does not take this value. Look at it again.",
		"bad_setting|number":
			"This setting takes a number from {{least}} to {{most}}.",
		"bad_setting|too_long": "The name has more than {{limit}} characters.",
		"bad_setting|empty": "The name has no letter in it.",
		bad_year: "Targets are set for the years from {{first}} to {{last}}.",
		year_over:
			"The year {{year}} is over; a target that stands for it is not changed any more.",
		bad_emblem: "This picture cannot be the emblem. Choose another PNG.",
		"bad_emblem|no_png": "The emblem must be a PNG picture.",
		"bad_emblem|damaged":
			"The file is damaged. Save it as PNG again and choose it again.",
		"bad_emblem|too_small":
			"The picture is too small: each side has at least 32 pixels.",
		"bad_emblem|too_large":
			"The picture is too large: at most 200 kB, each side at most 1024 pixels.",
		"bad_emblem|too_narrow":
			"The picture is too long: the longer side is at most four times the shorter.",
		too_large: "What was sent is too long.",
		body_too_slow:
			"The network is too slow for what was sent. Try again, or use another network.",
		database_unavailable:
			"The server cannot read or write its data. Wait a minute, then try again; if nothing changes, call support.",
		unavailable: "The server is busy. Wait a minute, then try again.",
		token_expired: "This pass has expired. Ask whoever sent it for a new one.",
		token_revoked:
			"This pass was taken back. Ask whoever sent it for a new one.",
		too_early:
			"The room opens at {{opens_at_time}} on {{opens_at_date}}. This page goes in by itself.",
		session_over: "This session is over.",
		session_runs:
			"The session is running: only its title can be another, and its end later.",
		bad_officers: "Those in charge cannot be so. Look again, then save.",
		"bad_officers|two_chairs": "A session has one chair.",
		"bad_officers|twice": "Somebody is named twice for one part.",
		"bad_officers|too_many": "Too many are in charge. Take some off.",
		person_not_yours:
			"Somebody works at none of the units that people may be named of. Take them off, then save.",
		unknown_notice: "This notice is gone.",
		bad_reason: "This reason cannot be taken. Write it anew.",
		"bad_reason|empty": "Say why, for those who are invited.",
		"bad_reason|too_long": "The reason is longer than {{limit}} characters.",
		"session_over|cancelled":
			"This session was called off and cannot be changed.",
		"session_over|lapsed":
			"This session did not take place and cannot be changed.",
		unknown_resource:
			"This media connection is closed. Connect from the beginning.",
		no_such_route:
			"The server has no such function. Reload the page for the new version.",
		no_such_file: "There is no such file. Reload the page for the new version.",
		method_not_allowed: "The server does not take this. Reload the page.",
		no_own_authority:
			"The server has a certificate of a public authority; nothing needs to be installed.",
		film_gone:
			"The replay file is gone from the server, or cut short. Reload the page to see how it is.",
		no_film_yet:
			"The film of this recording is not ready. Wait some minutes and open it again.",
		bad_range: "The recording is shorter than that. Choose another moment.",
		no_points: "Choose at least one bridge point.",
		too_many_points:
			"A session invites at most {{limit}} bridge points. Take some away and try again.",
		duplicate_point:
			"The bridge point {{point}} is chosen twice. Take one away.",
		bad_link:
			"The role, the bridge point and the person of the link do not go together. Choose again.",
		bad_sdp: "The server cannot read this device's media offer.",
		bad_fingerprint:
			"The media offer of this device names its certificate in a wrong way.",
		weak_fingerprint:
			"This device names its certificate by a hash that proves nothing (MD5, SHA-1). Set SHA-256 in it.",
		bad_offer:
			"The server does not take the kind of picture or sound that this device offers.",
		if_match_required:
			"The request did not say which version it changes. Reload the page; a device connects from the beginning.",
		etag_changed:
			"This connection was renewed elsewhere. Connect from the beginning.",
		changed_meanwhile:
			"Somebody has just changed this. The page shows it as it is; look again, then go on.",
		wrong_content_type: "The device sent the wrong kind of content.",
		not_json: "The page sent the wrong kind of content. Reload the page.",
		malformed_body:
			"The server did not understand what was sent. Reload the page and try again.",
		malformed_query:
			"The server did not understand this address. Reload the page and try again.",
		malformed_path:
			"This address has characters that cannot be read. Open it from the list.",
		foreign_origin:
			"The request does not come from a page of this system. Open it from its own address.",
		too_many_players:
			"This link or account has {{limit}} players open, as many as it may. Close one, then try again.",
		node_full:
			"The media server has no place left. Wait a minute, then try again.",
		node_reserved:
			"The media server keeps its last places for the bridge points. Try again later.",
		media_unavailable:
			"The media engine is restarting. Wait a moment and try again.",
		internal:
			"The server failed at this. Try again; if it stays so, call support.",
	},
	backHome: "To today's page",
} as const;
