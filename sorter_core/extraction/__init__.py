"""From a TikTok link to metadata, captions and the video itself."""
