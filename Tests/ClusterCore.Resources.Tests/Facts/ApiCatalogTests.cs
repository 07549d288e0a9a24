using Flotilla.ClusterCore.Resources.Generator;

namespace Flotilla.ClusterCore.Resources.Tests.Facts;

public sealed class ApiCatalogTests
{
    [Fact]
    public void The_committed_facts_are_what_the_generator_makes()
    {
        var folder = RepositoryFolder.Path("ClusterCore/Resources/Facts");
        Assert.Equal(FactsWriter.Write(folder), File.ReadAllBytes(Path.Combine(folder, "api-facts.bin")));
    }

    [Fact]
    public void Every_resource_has_a_type()
    {
        Assert.All(ApiCatalog.Default.Resources, static resource => Assert.NotNull(ApiCatalog.Default.TypeOf(resource.ApiVersion, resource.Kind)));
        Assert.All(
            ApiCatalog.Default.Resources.Where(static resource => resource.Verbs.Contains("list")),
            static resource => Assert.NotNull(ApiCatalog.Default.TypeOf(resource.ApiVersion, resource.ListKind)));
    }

    [Fact]
    public void Every_type_can_be_read()
    {
        var types = ApiCatalog.Default.TypeNames.Select(ApiCatalog.Default.Type).OfType<TypeSchema>().ToList();
        Assert.True(types.Count > 600);
        Assert.All(types.SelectMany(static type => type.Fields), static field => Assert.NotNull(field.Value));
    }

    [Fact]
    public void A_resource_knows_its_names_subresources_and_columns()
    {
        var deployments = ApiCatalog.Default.Resource("apps", "v1", "deployments")!;
        Assert.Equal(("apps/v1", "deployments.apps", "Deployment"), (deployments.ApiVersion, deployments.GroupResource, deployments.Kind));
        Assert.Equal(["deploy"], deployments.ShortNames);
        Assert.Equal("Scale", deployments.Subresource("scale")?.Kind);
        Assert.Equal(new ColumnInfo("Name", "string", "name", 0), deployments.Columns[0]);
        Assert.Same(deployments, ApiCatalog.Default.ResourceOfKind("apps/v1", "Deployment"));
    }

    [Fact]
    public void Types_know_lists_merge_keys_and_what_is_owned_as_a_whole()
    {
        var spec = ApiCatalog.Default.Type("k8s.io.api.core.v1.PodSpec")!;
        var containers = spec.Field("containers")!;
        Assert.Equal((ListType.Map, "name"), (containers.Value.ListType, containers.PatchMergeKey));
        Assert.Equal(["name"], containers.Value.ListMapKeys);
        Assert.True(spec.Field("nodeSelector")!.Atomic);
        Assert.True(spec.Field("volumes")!.RetainKeys);
        Assert.True(ApiCatalog.Default.Type("k8s.io.apimachinery.pkg.apis.meta.v1.LabelSelector")!.Atomic);
        Assert.False(ApiCatalog.Default.Type("k8s.io.api.core.v1.PersistentVolumeSpec")!.Field("claimRef")!.Atomic);
        Assert.NotNull(ApiCatalog.Default.Type("k8s.io.api.core.v1.Volume")!.Field("emptyDir"));
    }

    [Fact]
    public void Rbac_defaults_and_openapi_definitions_unpack()
    {
        Assert.True(JsonCodec.TryParse(ApiCatalog.Default.RbacDefaults(), out var rbac, out _));
        Assert.Equal(71, rbac!["clusterroles"]!.AsArray().Count);
        Assert.True(JsonCodec.TryParse(ApiCatalog.Default.OpenApiDefinitions(), out var openApi, out _));
        Assert.NotNull(openApi!["io.k8s.api.core.v1.Pod"]);
    }
}
