// A film for the fake camera: somebody drawn in flat colours, so that pictures of a call show people and no test pattern.
import { writeFileSync } from 'node:fs';

const WIDTH = 640;
const HEIGHT = 480;

/** Runs in a page: draws the person and hands the pixels (RGBA) back. */
function draw(width, height, { wall, skin, hair, shirt }) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d');
  const shape = (colour, trace) => {
    pen.fillStyle = colour;
    pen.beginPath();
    trace(pen);
    pen.fill();
  };
  shape(wall, () => pen.rect(0, 0, width, height));
  shape('rgb(255 255 255 / 35%)', () => pen.rect(40, 40, 150, 190)); // a window
  shape(hair, () => pen.ellipse(320, 196, 96, 112, 0, 0, 2 * Math.PI));
  shape(shirt, () => pen.ellipse(320, 520, 210, 180, 0, 0, 2 * Math.PI));
  shape(skin, () => pen.roundRect(284, 270, 72, 100, 30));
  shape(skin, () => pen.ellipse(320, 212, 78, 96, 0, 0, 2 * Math.PI));
  shape(hair, () => pen.ellipse(320, 140, 84, 46, 0, Math.PI, 2 * Math.PI));
  for (const x of [290, 350]) shape('#2b2b2b', () => pen.ellipse(x, 208, 7, 8, 0, 0, 2 * Math.PI));
  shape('#a4483c', () => pen.ellipse(320, 262, 24, 9, 0, 0, Math.PI));
  return [...pen.getImageData(0, 0, width, height).data];
}

/** Full-range RGBA to the I420 planes of a Y4M frame (BT.601). */
function planes(pixels) {
  const frame = Buffer.alloc(WIDTH * HEIGHT * 3 / 2);
  const at = (x, y) => pixels.slice((y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const [r, g, b] = at(x, y);
      frame[y * WIDTH + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 || y % 2) continue;
      const chroma = WIDTH * HEIGHT + (y / 2) * (WIDTH / 2) + x / 2;
      frame[chroma] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      frame[chroma + WIDTH * HEIGHT / 4] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return frame;
}

/** Writes the film; `page` is any page of a browser. */
export async function film(page, file, colours) {
  const frame = planes(await page.evaluate(draw, WIDTH, HEIGHT, colours));
  const frames = Array.from({ length: 4 }, () => [Buffer.from('FRAME\n'), frame]).flat();
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), ...frames]));
}
