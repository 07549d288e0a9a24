using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Aggregation;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.FlowControl;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.FlowControl;

public sealed class FlowReconciliationTests
{
    private static readonly JsonObject system = DefaultFlows.PriorityLevels().Single(static level => level.Name() == "system");

    [Fact]
    public void Default_objects_are_valid_and_need_no_defaults()
    {
        foreach (var wanted in DefaultFlows.All().Concat(LocalApiServices.BuiltIn()))
        {
            var (resource, obj) = GoldenCase.Decode(wanted.DeepClone().AsObject());
            ObjectDefaults.Apply(resource, obj);
            Assert.True(JsonNode.DeepEquals(obj["spec"], wanted["spec"]), obj.ToJsonString());
            Assert.Empty(ObjectValidation.ValidateCreate(resource, obj));
        }
    }

    [Theory]
    [InlineData("true", 5, true)]
    [InlineData("false", 1, false)]
    [InlineData(null, 1, true)]
    [InlineData(null, 2, false)]
    [InlineData("perhaps", 2, false)]
    public void A_suggested_object_follows_this_version_until_somebody_claims_it(string? annotation, int generation, bool isKept)
    {
        var next = FlowReconciliation.Compute(system, Changed(annotation, generation)) ?? Changed(annotation, generation);
        Assert.Equal(
            (isKept ? "30" : "7", $"{(isKept ? generation + 1 : generation)}", isKept ? "true" : "false"),
            (next["spec"]!["limited"]!["nominalConcurrencyShares"]!.ToString(), next["metadata"]!["generation"]!.ToString(), next["metadata"]!["annotations"]![FlowReconciliation.AutoUpdate]!.ToString()));
    }

    [Fact]
    public void What_is_as_wanted_is_left_alone()
    {
        var current = system.DeepClone().AsObject();
        current["metadata"]!["generation"] = 1;
        Assert.Null(FlowReconciliation.Compute(system, current));
        Assert.Null(FlowReconciliation.Compute(system, Changed("false", 3)));
    }

    [Fact]
    public void What_the_exempt_level_lends_stays_as_it_was_set()
    {
        var exempt = DefaultFlows.PriorityLevels().Single(static level => level.Name() == "exempt");
        var current = exempt.DeepClone().AsObject();
        current["spec"]!["exempt"]!["lendablePercent"] = 40;
        Assert.Null(FlowReconciliation.Compute(exempt, current));
    }

    private static JsonObject Changed(string? annotation, int generation)
    {
        var current = system.DeepClone().AsObject();
        current["metadata"]!["generation"] = generation;
        current["metadata"]!["annotations"] = annotation is null ? [] : new JsonObject { [FlowReconciliation.AutoUpdate] = annotation };
        current["spec"]!["limited"]!["nominalConcurrencyShares"] = 7;
        return current;
    }
}
