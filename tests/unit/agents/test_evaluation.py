"""Figures of fields against their references."""

from __future__ import annotations

from agents.city import City
from agents.evaluation import alike, as_json, evaluate_fields
from tests.unit.agents.talk import draft, stream


async def test_right_wrong_missing_and_unwanted_fields_are_told_apart(city: City) -> None:
    found = await draft(city, stream("来电：澄湖区金水湾小区停水了你们赶紧派人来修", ani="13800123456"))
    reference = {
        "kind": "help",
        "category": "停水与抢修",
        "district": "古塔区",
        "caller_name": "王建国",
        "amount": "",
        "incident_place": "澄湖区金水湾小区",
        "lead_unit": "u-watersupply",
    }
    report = evaluate_fields([(found, [reference])])
    fields = report.fields
    assert (report.calls, report.matters, report.matters_right.value) == (1, 1, 1.0)
    assert fields["kind"].precision.value == fields["category"].recall.value == 1.0
    assert fields["district"].precision.value == 0.0 and fields["district"].precision.n == 1
    assert fields["caller_name"].recall.value == 0.0 and fields["caller_name"].precision.n == 0
    assert fields["amount"].precision.n == 0 and fields["amount"].recall.n == 0
    assert fields["incident_place"].recall.value == 1.0
    assert report.dispatch_top1.value == report.dispatch_top3.value == 1.0
    assert as_json(report)["fields"]["kind"]["precision"]["n"] == 1


async def test_a_matter_that_never_came_out_counts_against_recall(city: City) -> None:
    found = await draft(city, stream("来电：澄湖区金水湾小区停水了"))
    report = evaluate_fields([(found, [{"kind": "help"}, {"kind": "complaint"}])])
    assert report.matters == 2 and report.matters_right.value == 0.0
    assert report.fields["kind"].recall.value == 0.5


def test_likeness_of_spoken_values() -> None:
    assert alike("澄湖区 梧桐路", "澄湖区梧桐路") == 1.0
    assert alike("澄湖区", "") == 0.0
    assert 0.75 < alike("澄湖区金水湾小区", "澄湖区锦绣街道金水湾小区") < 1.0
