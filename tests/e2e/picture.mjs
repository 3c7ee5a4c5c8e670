/** The mean luminance (0 black, 255 white) of a screenshot, read back by the browser itself. */
export async function meanLuminance(page, png) {
    const blank = await page.context().newPage();
    try {
        return await blank.evaluate(async (data) => {
            const image = new Image();
            image.src = `data:image/png;base64,${data}`;
            await image.decode();
            const canvas = new OffscreenCanvas(image.width, image.height);
            const g = canvas.getContext('2d');
            g.drawImage(image, 0, 0);
            const { data: px } = g.getImageData(0, 0, image.width, image.height);
            let sum = 0;
            for (let i = 0; i < px.length; i += 4) sum += 0.2126 * px[i] + 0.7152 * px[i + 1] + 0.0722 * px[i + 2];
            return (sum * 4) / px.length;
        }, png.toString('base64'));
    } finally {
        await blank.close();
    }
}
