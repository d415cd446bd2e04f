"""Compares framemill with other ways to make a movie from generated frames: `make bench`.

Each content is drawn once into memory. The ways take turns to encode the same pixels with the same x264 settings. Each
movie is then decoded, its frames are counted, and they are compared with the original frames.

`plan` defines what is measured, and `ways` lists the ways. `turns` measures times and memory. `quality` and `bd_rate`
measure the quality of the movies. `singles` measures framemill alone. `targets`, `report` and `chart` show the results.
"""
