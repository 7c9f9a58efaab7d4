"""One document in three forms: a page, a Word document (DOCX) and a PDF. All three have the same text.

`model` is what authors build, `layout` writes its numbers and figures as text, and `word` and `pdf` make the files. The
page is the macro in `templates/components/document.jinja`.
"""
