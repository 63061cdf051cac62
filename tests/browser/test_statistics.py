"""An officer asks for statistics, reads them, and takes them along."""

from datetime import timedelta

from django.utils import timezone


def test_a_year_by_category_as_table_file_and_report(visit, ground, zhao, settings):
    from incidents import services

    fixtures = settings.ROOT / "incidents" / "fixtures"
    services.load_categories(path=fixtures / "categories.csv")
    now = timezone.now()
    place = services.Location(cell="610403001001001")
    moment = now - timedelta(minutes=1)
    told = services.Report(category="0501", location=place, occurred_at=moment)
    services.report_incident(report=told, actor=None, now=moment)

    person = visit()
    person.log_in("zhao", "/statistics/")
    page = person.page
    page.select_option("select[name=by]", "category")
    page.wait_for_selector("table.category")
    assert page.inner_text("tfoot td >> nth=0") == "1"
    assert "数据平衡" in page.inner_text(".identity")
    with page.expect_download() as file:
        page.click("text=导出 Excel")
    assert file.value.suggested_filename.endswith(".xlsx")
    page.click("text=打印报告")
    page.wait_for_selector(".cover")
    assert page.locator("section h2").count() == 3
    page.goto(f"{person.site}/statistics/?first=nonsense")
    assert "first" in page.inner_text("[role=alert]")
