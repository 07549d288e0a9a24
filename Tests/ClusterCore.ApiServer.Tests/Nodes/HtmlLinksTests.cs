using Flotilla.ClusterCore.ApiServer.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Nodes;

public sealed class HtmlLinksTests
{
    private static readonly ProxyLinks links = new("/api/v1/namespaces/a/pods/p/proxy", "10.1.2.3:80", "cluster.example:6443");

    [Theory]
    [InlineData("/style.css", "/api/v1/namespaces/a/pods/p/proxy/style.css")]
    [InlineData("/", "/api/v1/namespaces/a/pods/p/proxy/")]
    [InlineData("http://10.1.2.3:80/a?b=c#d", "/api/v1/namespaces/a/pods/p/proxy/a?b=c#d")]
    [InlineData("//cluster.example:6443/a", "/api/v1/namespaces/a/pods/p/proxy/a")]
    [InlineData("https://cluster.example:6443/api/v1/namespaces/a/pods/p/proxy/a", "/api/v1/namespaces/a/pods/p/proxy/a")]
    [InlineData("/api/v1/namespaces/a/pods/p/proxy/a", "/api/v1/namespaces/a/pods/p/proxy/a")]
    [InlineData("a.html", "a.html")]
    [InlineData("../a.html", "../a.html")]
    [InlineData("http://elsewhere.example/a", "http://elsewhere.example/a")]
    [InlineData("mailto:a//10.1.2.3:80/b", "mailto:a//10.1.2.3:80/b")]
    [InlineData("", "")]
    public void Links_to_the_page_s_own_server_lead_through_the_proxy(string link, string expected) => Assert.Equal(expected, links.Rewrite(link));

    [Theory]
    [InlineData("""<a href="/x">y</a>""", """<a href="=/x">y</a>""")]
    [InlineData("<A HREF='/x' class=/c>y", "<A HREF='=/x' class=/c>y")]
    [InlineData("<img src=/x.png><p>/y</p>", "<img src==/x.png><p>/y</p>")]
    [InlineData("<form action = \"/x\"\n method=post>", "<form action = \"=/x\"\n method=post>")]
    [InlineData("<script src=/x>var a = '<a href=\"/y\">';</script><a href=/z>", "<script src==/x>var a = '<a href=\"/y\">';</script><a href==/z>")]
    [InlineData("<!-- <a href=/x> --><link href=/y />", "<!-- <a href=/x> --><link href==/y />")]
    [InlineData("1 < 2 <b title='<a href=/x>'>", "1 < 2 <b title='<a href=/x>'>")]
    [InlineData("<input disabled src=/x", "<input disabled src==/x")]
    [InlineData("<a href=\"/x", "<a href=\"/x")]
    [InlineData("<a href", "<a href")]
    [InlineData("<a href=", "<a href=")]
    [InlineData("<!--", "<!--")]
    [InlineData("<!-", "<!-")]
    [InlineData("<", "<")]
    public void Only_attributes_that_hold_links_change(string page, string expected) => Assert.Equal(expected, HtmlLinks.Rewrite(page, static link => "=" + link));
}
