"""Accuracy of a classifier on labelled images: decoding, preparation, inference, and what came out of every image."""
