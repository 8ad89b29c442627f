package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
)

// The page of a report, as a browser shows it.

const pageWidth, pageHeight = 1280, 1180

// takePage has the program write the report of the practice world, and a browser take its
// picture.
func takePage(ctx context.Context, program, dir string) ([]byte, error) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	world, page, shot := filepath.Join(dir, "world"), filepath.Join(dir, "report.html"), filepath.Join(dir, "page.png")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	env := append(worldEnv(program, dir), "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	for _, args := range [][]string{
		{program, "demo", "--json", world},
		{program, "report", "--html", page},
		{
			browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(dir, "profile"),
			fmt.Sprintf("--window-size=%d,%d", pageWidth, pageHeight), "--screenshot=" + shot, "file://" + page,
		},
	} {
		c := exec.CommandContext(ctx, args[0], args[1:]...)
		c.Env = env
		if out, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(args[0]), err, out)
		}
	}
	data, err := os.ReadFile(shot)
	if err != nil {
		return nil, err
	}
	return smaller(data)
}

// smaller writes a PNG with at most 256 colours, by leaving as many bits of each as fit: a
// page has few, but letters have soft edges.
func smaller(data []byte) ([]byte, error) {
	whole, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for bits := 8; bits > 0; bits-- {
		if few, ok := withBits(whole, bits); ok {
			var b bytes.Buffer
			err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, few)
			return b.Bytes(), err
		}
	}
	return nil, fmt.Errorf("more than 256 colours of one bit each")
}

// withBits is the picture with colours of so many bits; false if these are too many.
func withBits(whole image.Image, bits int) (*image.Paletted, bool) {
	bounds := whole.Bounds()
	out := image.NewPaletted(bounds, nil)
	index := map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := whole.At(x, y).RGBA()
			c := color.RGBA{cut(r, bits), cut(g, bits), cut(b, bits), 255}
			i, known := index[c]
			if !known {
				if len(index) == 256 {
					return nil, false
				}
				i = uint8(len(index))
				index[c] = i
				out.Palette = append(out.Palette, c)
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out, true
}

// cut leaves the upper bits of 16, spread over 0 to 255, so that white stays white.
func cut(v uint32, bits int) uint8 {
	most := uint32(1)<<bits - 1
	return uint8(v >> (16 - bits) * 255 / most)
}
