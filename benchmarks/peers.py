"""Tile servers that others wrote, set up as their own documentation says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "var" / "peers"
BIN = WORK / "venv" / "bin"
PACKAGES = [
    *["tipg==1.6.1", "uvicorn==0.54.0", "django-vectortiles==1.0.2", "Django==5.2.19"],
    *["psycopg2-binary==2.9.13", "granian==2.8.7", "shapely==2.2.0", "pyogrio==0.13.0"],
]
MAPFILE = """MAP
 NAME g
 EXTENT 107 34 109 35
 SIZE 256 256
 PROJECTION "init=epsg:3857" END
 WEB METADATA "ows_enable_request" "*" END END
 OUTPUTFORMAT
  NAME "mvt" DRIVER "MVT" MIMETYPE "application/x-protobuf" EXTENSION "mvt"
  FORMATOPTION "EDGE_BUFFER=10"
 END
 LAYER
  NAME gridcell TYPE POLYGON STATUS ON
  PROJECTION "init=epsg:4326" END
  CONNECTIONTYPE POSTGIS CONNECTION "{connection}" PROCESSING "CLOSE_CONNECTION=DEFER"
  DATA "geom from (select id,code,name,street,geom from gridcell) as q using unique id using srid=4326"
  METADATA "gml_include_items" "id,code,name,street" "gml_types" "auto" END
  CLASS STYLE COLOR 255 0 0 END END
 END
END
"""
MAPSERVER_CONF = """CONFIG
 ENV MS_MAP_PATTERN "." MS_MAPFILE "{mapfile}" END
END
"""
LIGHTTPD = """server.document-root = "{work}"
server.port = {port}
server.bind = "127.0.0.1"
server.modules = ("mod_fastcgi")
fastcgi.server = ("/mapserv" => ((
  "bin-path" => "/usr/lib/cgi-bin/mapserv", "socket" => "{work}/ms.sock", "max-procs" => 2,
  "check-local" => "disable",
  "bin-environment" => ("MAPSERVER_CONFIG_FILE" => "{work}/mapserver.conf", "MS_MAPFILE" => "{work}/g.map")
)))
"""
DJANGO = """
import os
from pathlib import Path
import pyogrio, shapely
def library(package, stem):
    folder = Path(package.__file__).parent.with_name(package.__name__ + ".libs")
    return str(next(folder.glob(stem + "-*.so*")))
GDAL_LIBRARY_PATH, GEOS_LIBRARY_PATH = library(pyogrio, "libgdal"), library(shapely, "libgeos_c")
from django.conf import settings
settings.configure(
    SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[],
    INSTALLED_APPS=["django.contrib.gis", "vectortiles"], USE_TZ=True,
    GDAL_LIBRARY_PATH=GDAL_LIBRARY_PATH, GEOS_LIBRARY_PATH=GEOS_LIBRARY_PATH,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={{"default": {{"ENGINE": "django.contrib.gis.db.backends.postgis", "CONN_MAX_AGE": None,
        "HOST": {host!r}, "PORT": {port!r}, "USER": {user!r}, "NAME": {name!r}}}}},
)
import django
django.setup()
from django.contrib.gis.db import models
from django.urls import path
from vectortiles import VectorLayer
from vectortiles.views import MVTView
class Gridcell(models.Model):
    code = models.TextField()
    name = models.TextField()
    street = models.TextField()
    geom = models.MultiPolygonField(srid=4326)
    class Meta:
        managed = False
        db_table = "gridcell"
        app_label = "vectortiles"
class Cells(VectorLayer):
    model = Gridcell
    id = "gridcell"
    tile_fields = ("id", "code", "name", "street")
class Tile(MVTView):
    layer_classes = [Cells]
urlpatterns = [path("tiles/<int:z>/<int:x>/<int:y>", Tile.as_view())]
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""

NCHAN = """load_module {module};
daemon off; worker_processes 1; worker_rlimit_nofile 20000;
pid {work}/nchan.pid; error_log {work}/nchan.log;
events {{ worker_connections 19000; }}
http {{
    access_log off; client_body_temp_path {work}/nchan-body; nchan_shared_memory_size 128M;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /sub {{ nchan_subscriber eventsource; nchan_channel_id all;
            nchan_subscriber_first_message newest; }}
        location = /pub {{ nchan_publisher; nchan_channel_id all; nchan_message_timeout 60s; }}
    }}
}}
"""


def place() -> dict[str, str]:
    """Where the database is: host, port, user, name."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    host = unquote((parts.netloc.rpartition("@")[2]).partition(":")[0])
    return {
        "host": host,
        "port": str(parts.port or 5432),
        "user": parts.username or "",
        "name": parts.path[1:],
    }


def spawn(command: list, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | environment,
        cwd=WORK,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class Venv:
    """A peer from PyPI, in a virtual environment of its own."""

    def prepare(self) -> None:
        if not (BIN / "tipg").exists() and not (BIN / "uvicorn").exists():
            subprocess.run([sys.executable, "-m", "venv", BIN.parent], check=True)
        subprocess.run([BIN / "pip", "install", "-q", *PACKAGES], check=True, stdout=sys.stderr)


class Tipg(Venv):
    def start(self):
        address = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://")
        process = spawn(
            [
                BIN / "uvicorn",
                "tipg.main:app",
                "--workers",
                "2",
                "--port",
                "8811",
                "--no-access-log",
            ],
            DATABASE_URL=address,
            TIPG_DB_SCHEMAS='["public"]',
            TIPG_MAX_FEATURES_PER_TILE="20000",
        )
        path = "collections/public.gridcell/tiles/WebMercatorQuad/{z}/{x}/{y}"
        return process, f"http://127.0.0.1:8811/{path}?properties=code,name,street"


class DjangoVectortiles(Venv):
    def prepare(self) -> None:
        super().prepare()
        (WORK / "vectortiles_site.py").write_text(DJANGO.format(**place()))

    def start(self):
        options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "1", "--port"]
        command = [BIN / "granian", *options, "8812", "--no-ws", "vectortiles_site:application"]
        return spawn(command), "http://127.0.0.1:8812/tiles/{z}/{x}/{y}"


class MapServer:
    def prepare(self) -> None:
        if not shutil.which("lighttpd") or not Path("/usr/lib/cgi-bin/mapserv").exists():
            raise OSError("apt-get install mapserver-bin cgi-mapserver lighttpd")
        at = place()
        connection = f"host={at['host']} dbname={at['name']} user={at['user']}"
        (WORK / "g.map").write_text(MAPFILE.format(connection=connection))
        (WORK / "mapserver.conf").write_text(MAPSERVER_CONF.format(mapfile=WORK / "g.map"))
        (WORK / "lighttpd.conf").write_text(LIGHTTPD.format(work=WORK, port=8813))

    def start(self):
        path = "mapserv?map=g.map&mode=tile&tilemode=gmap&layers=gridcell&map.imagetype=mvt"
        path = path.replace("map=g.map", f"map={WORK / 'g.map'}")
        command = ["lighttpd", "-D", "-f", WORK / "lighttpd.conf"]
        return spawn(command), f"http://127.0.0.1:8813/{path}&tile={{x}}+{{y}}+{{z}}"


class Nchan:
    """nginx with the module nchan: what is posted to /pub is sent to everybody at /sub."""

    PORT = 8814
    MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

    def prepare(self) -> None:
        if not shutil.which("nginx") or not self.MODULE.exists():
            raise OSError("apt-get install nginx-core libnginx-mod-nchan")
        WORK.mkdir(parents=True, exist_ok=True)
        settings = NCHAN.format(module=self.MODULE, work=WORK, port=self.PORT)
        (WORK / "nchan.conf").write_text(settings)

    def start(self) -> subprocess.Popen:
        return spawn(["nginx", "-p", WORK, "-c", WORK / "nchan.conf"])


PEERS = {"tipg": Tipg(), "django-vectortiles": DjangoVectortiles(), "MapServer": MapServer()}
