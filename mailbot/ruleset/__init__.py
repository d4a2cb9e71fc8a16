"""What rules/ says, as frozen types, by theme. Files are validated into these by rulebook.py; steps only read them.

Keys of the files are French because support leads write them. Unknown keys are errors.
"""
