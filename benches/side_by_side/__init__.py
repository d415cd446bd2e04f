"""framemill beside the other ways to make a movie of generated frames: `make bench`.

Each content is drawn once, into memory; the ways take turns on the same pixels, at the same settings of x264; each
movie is read back, counted and compared with its frames. `plan` says what is measured, `ways` who takes part, `turns`
takes the times, `quality` and `bd_rate` judge the movies, `singles` measures what needs no peers, `targets`, `report`
and `chart` write.
"""
