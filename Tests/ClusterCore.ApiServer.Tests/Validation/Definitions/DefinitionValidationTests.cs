using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Validation.Definitions;

public sealed class DefinitionValidationTests
{
    public static TheoryData<string> Cases() => [.. GoldenCase.Names("Cases")];

    /// <summary>
    /// A case gives what it changes of a definition that is fine: parts of its spec, the schema of its version, its annotations and
    /// status; the same of what is there already under <c>old</c>. The errors follow; none means that the definition is fine.
    /// </summary>
    [Theory, MemberData(nameof(Cases))]
    public void Definitions_are_refused_with_upstreams_paths_and_words(string name)
    {
        foreach (var (description, node) in GoldenCase.Read("Cases", name))
        {
            var golden = node!.AsObject();
            var (resource, definition) = Definition(golden);
            var errors = golden.Object("old") is { } old
                ? ObjectValidation.ValidateUpdate(resource, definition, Definition(old).Object)
                : ObjectValidation.ValidateCreate(resource, definition);
            Assert.Equal(golden.Texts("errors").Prepend(description), errors.Select(static error => error.ToString()).Prepend(description));
        }
    }

    private static (ResourceInfo Resource, JsonObject Object) Definition(JsonObject golden)
    {
        var version = new JsonObject { ["name"] = "v1", ["served"] = true, ["storage"] = true, ["schema"] = new JsonObject { ["openAPIV3Schema"] = golden["schema"]?.DeepClone() ?? new JsonObject { ["type"] = "object" } } };
        Merge(version, golden.Object("version"));
        var manifest = new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = golden.Text("name") ?? "things.example.com", ["annotations"] = golden["annotations"]?.DeepClone() },
            ["spec"] = new JsonObject
            {
                ["group"] = "example.com",
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject { ["plural"] = "things", ["kind"] = "Thing" },
                ["versions"] = new JsonArray(version),
            },
        };
        Merge(manifest.Spec()!, golden.Object("spec"));
        if (golden["status"] is { } status) { manifest["status"] = status.DeepClone(); }
        var (resource, obj) = GoldenCase.Decode(manifest);
        ObjectDefaults.Apply(resource, obj);
        return (resource, obj);
    }

    private static void Merge(JsonObject into, JsonObject? from)
    {
        foreach (var (name, value) in from ?? []) { into[name] = value?.DeepClone(); }
    }
}
