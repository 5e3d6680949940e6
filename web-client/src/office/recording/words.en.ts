/** Words of the replay. */
export const words = {
	replay: {
		failure: {
			no_media:
				"The recording holds no sound and no picture: nobody opened a microphone or a camera, or shared a screen, while it ran.",
			files_missing:
				"The raw files of the recording are not on the server's disk. If there is a backup, copy them back and make the film again.",
			film_missing:
				"The replay file is gone from the server's disk, or cut short. Make it again from the raw sound and picture.",
			undecodable:
				"There are raw files, but no sound and no picture in them can be decoded.",
			ffmpeg_missing:
				"The server cannot run ffmpeg, which makes the replay file. Install ffmpeg and make the film again; the raw sound and picture are safe.",
			ffmpeg_failed:
				"ffmpeg gave up while making the replay file. The raw sound and picture are safe.",
			bad_settings:
				"The server's settings for making replay files are wrong. Correct recorder.toml and make the film again; the raw sound and picture are safe.",
			disk_full: "The server's disk is full. Free some space.",
			disk_failed: "The server cannot read or write its disk.",
			interrupted: "Recording, or making the film, was cut off.",
			unknown: "Why is not known. The server's log has the details.",
		},
		triesAgain: "The server tries again by itself.",
		title: "Replay",
		what: "the recording",
		lead: "Recorded on {{date}}",
		facts: "About the recording",
		session: "Session",
		started: "Began",
		duration: "Length",
		size: "File size",
		kept: "Kept until",
		play: "Play",
		pause: "Pause",
		back: "Back {{seconds}} seconds",
		forward: "Forward {{seconds}} seconds",
		speed: "Speed",
		mute: "Mute",
		fullscreen: "Full screen",
		position: "Position",
		positionText: "{{position}} of {{duration}}",
		failed:
			"It could not be played. Check the network, then press Try again; if it stays, try another browser.",
		waiting: {
			starting: "It can be replayed here once it is recorded.",
			recording:
				"The session is being recorded. The replay appears here after its end.",
			finalising:
				"The last seconds are being written. This page changes by itself.",
			archived:
				"Picture and sound are stored safely. The replay file is made in its turn; this page changes by itself.",
			composing:
				"You may close this page, the work goes on. This page changes by itself.",
			ready:
				"The replay file has not arrived yet. Load the page again in a minute.",
			failed:
				"The original picture and sound are safe. Press Make it again; if it stays, give the code below to the technician.",
		},
		keys: {
			title: "Keys",
			play: "Play, pause",
			seek: "Back, forward {{seconds}} seconds",
			speed: "Slower, faster",
			mute: "Mute",
			fullscreen: "Full screen",
		},
	},
} as const;
