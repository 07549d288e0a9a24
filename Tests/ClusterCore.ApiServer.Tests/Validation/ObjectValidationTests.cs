using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Validation;

public sealed class ObjectValidationTests
{
    public static TheoryData<string> Cases() => [.. GoldenCase.Names("Cases")];

    /// <summary>A case is a list of: object, optionally the old object, and the errors; none means the object is fine.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Objects_are_refused_with_upstreams_paths_and_words(string name)
    {
        Assert.Multiple([.. GoldenCase.Read("Cases", name).Select(static one => (Action)(() => Check(one.Key, one.Value!.AsObject())))]);
    }

    private static void Check(string description, JsonObject golden)
    {
        var (resource, obj) = Defaulted(golden.Object("object")!);
        var errors = golden.Object("old") is { } old
            ? ObjectValidation.ValidateUpdate(resource, obj, Defaulted(old).Object, golden.Text("subresource") ?? "")
            : ObjectValidation.ValidateCreate(resource, obj);
        Assert.Equal(golden.Texts("errors").Prepend(description), errors.Select(static error => error.ToString()).Prepend(description));
    }

    [Fact]
    public void Updates_keep_name_namespace_and_uid()
    {
        var resource = ApiCatalog.Default.Resource("", "v1", "configmaps")!;
        var old = ConfigMap("a", "u1");
        Assert.Empty(ObjectValidation.ValidateUpdate(resource, ConfigMap("a", "u1"), old));
        Assert.Equal(
            ["metadata.name: Invalid value: \"b\": field is immutable", "metadata.uid: Invalid value: \"u2\": field is immutable"],
            ObjectValidation.ValidateUpdate(resource, ConfigMap("b", "u2"), old).Select(static error => error.ToString()));
    }

    [Fact]
    public void Reasons_are_upstreams()
    {
        var resource = ApiCatalog.Default.Resource("", "v1", "pods")!;
        var errors = ObjectValidation.ValidateCreate(resource, []);
        Assert.Contains(errors, static error => error is { Field: "metadata.name", Reason: "FieldValueRequired" });
    }

    private static JsonObject ConfigMap(string name, string uid) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = uid, ["resourceVersion"] = "1" },
    };

    private static (ResourceInfo Resource, JsonObject Object) Defaulted(JsonObject manifest)
    {
        var (resource, obj) = GoldenCase.Decode(manifest);
        if (resource.Namespaced)
        {
            obj.Metadata()!["namespace"] ??= "default";
        }

        ObjectDefaults.Apply(resource, obj);
        return (resource, obj);
    }
}
