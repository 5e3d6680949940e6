/** The longest side of an emblem, in pixels: enough for a sign-in page on a large screen. */
const side = 512;

/** The file was no picture that this browser can draw. */
export class NoPicture extends Error {
	override readonly name = "NoPicture";
}

/**
 * Draws a picture of whatever kind as pixels. A drawing (SVG) is drawn as an image, which runs nothing and fetches nothing of what
 * is in it, and only what can be seen of it leaves this browser. Throws [`NoPicture`].
 */
export async function drawPng(file: Blob): Promise<Blob> {
	const address = URL.createObjectURL(file);
	try {
		const image = new Image();
		image.src = address;
		await image.decode();
		// A drawing may have no size of its own.
		const [width, height] = [
			image.naturalWidth || side,
			image.naturalHeight || side,
		];
		const isDrawing = file.type.includes("svg");
		const scale = side / Math.max(width, height);
		const by = isDrawing ? scale : Math.min(1, scale);
		const canvas = document.createElement("canvas");
		canvas.width = Math.max(1, Math.round(width * by));
		canvas.height = Math.max(1, Math.round(height * by));
		const context = canvas.getContext("2d");
		if (context === null) throw new NoPicture();
		context.imageSmoothingQuality = "high";
		context.drawImage(image, 0, 0, canvas.width, canvas.height);
		const drawn = await new Promise<Blob | null>((done) => {
			canvas.toBlob(done, "image/png");
		});
		if (drawn === null) throw new NoPicture();
		return drawn;
	} catch {
		throw new NoPicture();
	} finally {
		URL.revokeObjectURL(address);
	}
}
