"""The pages. A page is four files with one stem."""
