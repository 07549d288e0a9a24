using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Flotilla.Portal.Web.Tests.Components;

/// <summary>bUnit asks for a newer AngleSharp.Diffing than can be had; ours answers to the name.</summary>
internal static class BunitAssemblies
{
    [ModuleInitializer]
    internal static void Resolve() => AssemblyLoadContext.Default.Resolving += (context, name) => name.Name == "AngleSharp.Diffing"
        ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "AngleSharp.Diffing.dll"))
        : null;
}
