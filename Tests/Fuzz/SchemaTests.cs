using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.Fuzz;

/// <summary>Definitions of custom resources that anybody may write, and objects under them.</summary>
public sealed class SchemaTests
{
    private const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"as.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
        "names":{"plural":"as","kind":"A","singular":"a","listKind":"AList"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n",
        "statusReplicasPath":".status.n"}},"additionalPrinterColumns":[{"name":"N","type":"integer","jsonPath":".spec.n"},{"name":"L","type":"string","jsonPath":".spec.list[0].name"}],
        "selectableFields":[{"jsonPath":".spec.text"}],"schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{"spec":{"type":"object","properties":{
        "n":{"type":"integer","format":"int32","minimum":1,"maximum":9,"multipleOf":2,"default":2},"text":{"type":"string","pattern":"^(a|b)+$","minLength":1,"maxLength":5,"enum":["a","ab"]},
        "list":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string","default":"x"}}}},
        "set":{"type":"array","x-kubernetes-list-type":"set","maxItems":3,"uniqueItems":false,"items":{"type":"string","format":"date-time"}},
        "any":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},"map":{"type":"object","additionalProperties":{"type":"number","nullable":true,"exclusiveMinimum":true,"minimum":1.5}},
        "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"not":{"required":["bad"]},"oneOf":[{"required":["x"]},{"required":["y"]}]}}},"status":{"type":"object","properties":{"n":{"type":"integer"}}}}}}}]}}
        """;

    private static readonly byte[] definition = Encoding.UTF8.GetBytes(Definition);

    private static readonly byte[] thing = Encoding.UTF8.GetBytes(
        """
        {"apiVersion":"example.com/v1","kind":"A","metadata":{"name":"a"},"spec":{"n":4,"text":"ab","list":[{"name":"x"},{"name":"y","more":1}],"set":["2026-01-02T03:04:05Z"],"any":"7",
        "map":{"a":2.5,"b":null},"free":{"x":{"deep":[1,[2]]}}},"status":{"n":1}}
        """);

    [Fact]
    public Task Objects_of_any_definition_are_pruned_defaulted_and_checked() => Inputs.FeedAsync(
        static random => new Pair(Changed(definition, random), Changed(thing, random)),
        static pair =>
        {
            var kind = ApiCatalog.Default.ResourceOfKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;
            if (JsonCodec.Decode(pair.Definition, kind.Schema).Object is not { } defined) { return Task.CompletedTask; }
            ObjectDefaults.Apply(kind, defined);
            if (ObjectValidation.ValidateCreate(kind, defined).Count > 0) { return Task.CompletedTask; }
            foreach (var resource in CustomResource.From(defined))
            {
                if (JsonCodec.Decode(pair.Thing, resource.Info.Schema).Object is not { } made) { continue; }
                SchemaPruning.Apply(resource.Info.Schema, made);
                SchemaDefaults.Apply(resource.Schema, made);
                _ = SchemaValidation.Validate(resource.Schema, made);
                _ = ServerSideApply.Apply(null, JsonNode.Parse(JsonCodec.Encode(made))!.AsObject(), resource.Info.Schema, new("me", resource.Info.ApiVersion, "", DateTimeOffset.UnixEpoch, []), force: false);
            }

            return Task.CompletedTask;
        });

    /// <summary>What the test above begins with must come through: else it would try nothing.</summary>
    [Fact]
    public void The_definition_is_valid_and_so_is_the_object()
    {
        var kind = ApiCatalog.Default.ResourceOfKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;
        var defined = JsonCodec.Decode(definition, kind.Schema).Object!;
        ObjectDefaults.Apply(kind, defined);
        Assert.Empty(ObjectValidation.ValidateCreate(kind, defined));
        var resource = Assert.Single(CustomResource.From(defined));
        var made = JsonCodec.Decode(thing, resource.Info.Schema).Object!;
        SchemaPruning.Apply(resource.Info.Schema, made);
        Assert.Empty(SchemaValidation.Validate(resource.Schema, made));
        Assert.False(made["spec"]!["list"]![1]!.AsObject().ContainsKey("more"));
    }

    private static byte[] Changed(byte[] seed, Random random) => random.Next(4) switch
    {
        0 => seed,
        1 => Inputs.Mutated(seed, random),
        _ => Inputs.Rearranged(seed, random),
    };

    private sealed record Pair(byte[] Definition, byte[] Thing)
    {
        public override string ToString() => $"base64 {Convert.ToBase64String(Definition)} {Convert.ToBase64String(Thing)}";
    }
}
