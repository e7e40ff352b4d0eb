package org.ipex4j.app;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** A drawn landscape of the size of a photograph, for trying a model without a picture at hand. */
final class SampleImage {
    private static final int WIDTH = 1600;
    private static final int HEIGHT = 1200;

    private SampleImage() {}

    /** Draws the picture, encodes it as JPEG and reads that, as a file would be. */
    static Image draw() throws IOException {
        BufferedImage canvas = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = canvas.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setPaint(
                new GradientPaint(
                        0, 0, new Color(70, 130, 200), 0, HEIGHT / 2f, new Color(200, 220, 240)));
        g.fillRect(0, 0, WIDTH, HEIGHT);
        g.setPaint(new Color(250, 240, 180));
        g.fill(new Ellipse2D.Double(1150, 150, 180, 180));
        g.setPaint(
                new GradientPaint(
                        0, 650, new Color(60, 120, 50), 0, HEIGHT, new Color(120, 160, 60)));
        g.fillRect(0, 650, WIDTH, HEIGHT - 650);
        g.setStroke(new BasicStroke(26));
        g.setPaint(new Color(90, 60, 30));
        g.drawLine(500, 950, 500, 600);
        g.setPaint(new Color(30, 90, 40));
        g.fill(new Ellipse2D.Double(320, 320, 360, 360));
        g.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(canvas, "jpg", jpeg);
        return ImageFactory.getInstance()
                .fromInputStream(new ByteArrayInputStream(jpeg.toByteArray()));
    }
}
